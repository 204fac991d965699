using Rcomm.Tests.Server;

namespace Rcomm.Tests.Site;

/// <summary>One server whose rcomm.json has rules, shared by the tests of a class.</summary>
public sealed class RuledSite : IAsyncLifetime
{
    internal SampleSite Site { get; } = new();

    internal InProcessServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Site.Write("about.html", "about");
        Site.Write("about.txt", "text");
        Site.Write("plain/a&b <i>.txt", "odd name");
        Site.Write("plain/.secret", "hidden");
        Site.Write("plain/sub/x.txt", "x");
        Site.Write("busy.html", "<h1>not allowed</h1>");
        File.CreateSymbolicLink(Path.Combine(Site.Root, "plain", "out"), Site.Folder);
        File.CreateSymbolicLink(Path.Combine(Site.Root, "plain", "in.css"), "../style.css");
        string other = Path.Combine(Site.Folder, "other");
        Directory.CreateDirectory(other);
        await File.WriteAllTextAsync(Path.Combine(other, "page.html"), "the other host");
        string file = Path.Combine(Site.Folder, "rcomm.json");
        await File.WriteAllTextAsync(file, $$"""
            {
              // Comments are allowed.
              "listing": true,
              "site": {
                "redirects": [
                  { "from": "/old/*", "to": "/new/*" },
                  { "from": "/moved", "to": "https://example.com/there", "status": 308 },
                  { "from": "/short*", "to": "/*" },
                  { "from": "/ends/", "to": "/howdy" },
                  { "from": "/help", "to": "/about#faq", "status": 308 },
                  { "from": "/seven", "to": "/about?x=1#faq", "status": 307 },
                ],
                "rewrites": [{ "from": "/v1/*", "to": "/howdy" }, { "from": "/v2/*", "to": "/about.html" }],
                "headers": [
                  { "path": "/style.css", "set": { "X-Kind": "style" } },
                  { "path": "/about.txt", "set": { "Content-Type": "text/x-own", "Cache-Control": "max-age=5", "ETag": "", "X-Content-Type-Options": "" } },
                  { "path": "/gone*", "set": { "Cache-Control": "public, max-age=31536000", "Content-Encoding": "br", "X-Kept": "yes" } }
                ],
                "cacheControl": [
                  { "path": "/howdy/*", "value": "no-store" },
                  { "path": "/", "value": "max-age=1" },
                  { "path": "/about", "value": "max-age=2" }
                ],
                "errorPages": { "405": "/busy.html" }
              },
              "hosts": [{ "names": ["other.example", "*.other.example", "b\u00fccher.example"], "documentRoot": "{{other}}", "listing": false }]
            }
            """);
        Server = await InProcessServer.ServeAsync($"{Site.Root} --config {file}");
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Site.Dispose();
    }
}
