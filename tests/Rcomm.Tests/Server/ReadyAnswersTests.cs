using System.Text;
using Microsoft.AspNetCore.Http;
using Rcomm.Site.FastPath;
using Rcomm.Transport.FastPath;

namespace Rcomm.Tests.Server;

/// <summary>Ready redirects, errors and listings are the same as the pipeline's, never stale, and bounded.</summary>
public sealed class ReadyAnswersTests : IAsyncLifetime
{
    private readonly SampleSite _site = new();
    private BothPaths _both = null!;

    public async ValueTask InitializeAsync()
    {
        _site.Write("list/a.txt", "a");
        _site.Write("list/sub/b.txt", "b");
        _site.Write("gone.html", "<h1>nothing at all</h1>" + new string(' ', 600));
        File.CreateSymbolicLink(Path.Combine(_site.Root, "list", "sub", "out"), _site.Folder);
        File.CreateSymbolicLink(Path.Combine(_site.Root, "dangling"), "later.txt");
        string file = Path.Combine(_site.Folder, "rcomm.json");
        await File.WriteAllTextAsync(file, """
            {
              "listing": true,
              "site": {
                "redirects": [{ "from": "/old/*", "to": "/new/*" }, { "from": "/moved", "to": "https://example.com/there", "status": 308 }],
                "rewrites": [{ "from": "/v1/*", "to": "/howdy" }, { "from": "/v2/*", "to": "/nowhere" }],
                "headers": [{ "path": "/*", "set": { "X-Kind": "any", "Cache-Control": "max-age=5" } }],
                "errorPages": { "404": "/gone.html" }
              }
            }
            """, TestContext.Current.CancellationToken);
        _both = await BothPaths.ServeAsync(_site, $"--config {file}");
    }

    public async ValueTask DisposeAsync()
    {
        await _both.DisposeAsync();
        _site.Dispose();
    }

    [Fact]
    public async Task They_are_the_same_bytes_cold_and_warm()
    {
        string[] targets =
        [
            "/missing", "/missing.png", "/missing/", "/missing?x", "/gone.html", "/.hidden", "/%zz", "/leak.txt", "/style.css/x", "/dangling", "/v2/x",
            "/old/a?b=c", "/moved", "/docs/", "/docs/index.html", "/howdy/?a=b", "/v1/x", "/list", "/list/", "/list?sort=size&order=down", "/list/sub",
        ];
        foreach (string target in targets)
        foreach (string method in (string[])["GET", "HEAD"])
        foreach (string headers in (string[])["", "Accept-Encoding: gzip\r\n", "Accept-Encoding: br\r\nIf-None-Match: *\r\n", "Connection: close\r\n",
            "Range: bytes=0-3\r\n"])
            await _both.AssertSameAsync($"{method} {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        Assert.InRange(_both.On.Ready.Count, targets.Length, int.MaxValue);
    }

    [Theory]
    [InlineData("/missing", "missing")]
    [InlineData("/missing", "missing.html")]
    [InlineData("/missing", "missing/page.html")]
    [InlineData("/missing", "missing/index.html")]
    [InlineData("/missing", "missing/listed.txt")]
    [InlineData("/missing/", "missing.html")]
    [InlineData("/a/b/missing.png", "a/b/missing.png")]
    [InlineData("/dangling", "later.txt")]
    [InlineData("/v2/x", "nowhere.html")]
    public async Task A_file_that_appears_where_nothing_was_found_is_seen_by_the_next_request_and_so_is_its_end(string target, string path)
    {
        string request = $"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n", missing = await ReadyAsync(request, "HTTP/1.1 404 ");

        _site.Write(path, "here now");
        string found = await BothPaths.AnswerAsync(_both.On, request);
        Assert.Matches("^HTTP/1.1 (200|301) ", found);
        Assert.Equal(await BothPaths.AnswerAsync(_both.Off, request), found);

        string first = path.Split('/')[0], full = Path.Combine(_site.Root, first);
        if (first == path) File.Delete(full);
        else Directory.Delete(full, recursive: true);
        Assert.Equal(missing, await BothPaths.AnswerAsync(_both.On, request));
    }

    [Fact]
    public async Task A_redirect_is_given_no_longer_than_what_it_leads_to_is_there()
    {
        const string request = "GET /docs/index.html HTTP/1.1\r\nHost: x\r\n\r\n";
        await ReadyAsync(request, "HTTP/1.1 301 ");

        _site.Write("docs/page.html", "goes before index.html");
        Assert.StartsWith("HTTP/1.1 200 ", await BothPaths.AnswerAsync(_both.On, request));
        File.Delete(Path.Combine(_site.Root, "docs", "page.html"));
        File.Delete(Path.Combine(_site.Root, "docs", "index.html"));
        Assert.StartsWith("HTTP/1.1 404 ", await BothPaths.AnswerAsync(_both.On, request));
    }

    [Fact]
    public async Task A_change_of_the_error_page_is_seen_at_once()
    {
        const string request = "GET /missing HTTP/1.1\r\nHost: x\r\n\r\n";
        await ReadyAsync(request, "HTTP/1.1 404 ");

        _site.Write("gone.html", "another page");

        Assert.EndsWith("\r\n\r\nanother page", await BothPaths.AnswerAsync(_both.On, request));
    }

    [Fact]
    public async Task A_listing_shows_each_change_at_once()
    {
        const string request = "GET /list HTTP/1.1\r\nHost: x\r\n\r\n";
        string file = Path.Combine(_site.Root, "list", "a.txt");
        Action[] changes =
        [
            () => File.AppendAllText(file, "longer"), () => File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-3)), () =>
                _site.Write("list/sub/c.txt", "changes the time of its folder"),
            () => _site.Write("list/new.txt", "x"), () => File.Move(file, file + ".moved"), () => File.Delete(file + ".moved"), () =>
                _site.Write("list/page.html", "the folder's own page"),
        ];
        foreach (Action change in changes)
        {
            await ReadyAsync(request, "HTTP/1.1 200 ");
            change();
            Assert.Equal(await BothPaths.AnswerAsync(_both.Off, request), await BothPaths.AnswerAsync(_both.On, request));
        }
    }

    [Fact]
    public async Task Endless_names_neither_push_out_pages_nor_take_memory()
    {
        const string page = "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n";
        await ReadyAsync(page, "HTTP/1.1 200 ");
        int before = _both.On.Ready.Count, files = _both.On.Ready.Files;
        using var http = new HttpClient { BaseAddress = _both.On.Url };
        for (int i = 0; i < 1500; i++)
        {
            // A response is published at the second request.
            for (int time = 0; time < 2; time++) (await http.GetAsync($"missing{i % 700}x{i / 2}")).Dispose();
        }

        Assert.InRange(_both.On.Ready.Count - before, 1, 512);
        Assert.Equal(files, _both.On.Ready.Files);
    }

    [Fact]
    public void An_answer_that_is_given_keeps_its_slot_and_its_bytes()
    {
        var slots = new ReadySlots(64, maxBytes: 100_000);
        PublishedAnswer given = Answer("/given");
        slots.Put(given);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.True(given.IsCurrent(long.MaxValue));
            slots.Put(Answer($"/{i}"));
            Assert.InRange(slots.Bytes, 1, 100_000);
            Assert.InRange(slots.Count, 1, 64);
        }
        Assert.Same(given, slots.Find(given.Key.Bytes, given.Key.Hash));

        // Once it isn't, another one replaces it.
        for (int i = 0; i < 10_000; i++) slots.Put(Answer($"/{i}"));
        Assert.Null(slots.Find(given.Key.Bytes, given.Key.Hash));
    }

    private static PublishedAnswer Answer(string target)
    {
        HttpResponse response = new DefaultHttpContext().Response;
        response.Headers.Date = DateTimeOffset.UtcNow.ToString("R");
        byte[] key = Encoding.ASCII.GetBytes(target);
        return PublishedAnswer.Of(response, new RequestKey(key, RequestKey.HashOf(key), "GET", target, "x"), new byte[3000], _ => true)!;
    }

    // The response that is then ready: the folders that it depends on are old enough, and it was requested often enough.
    private async Task<string> ReadyAsync(string request, string begins)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string answer = "";
        while (!IsReady(request))
        {
            limit.Token.ThrowIfCancellationRequested();
            answer = await BothPaths.AnswerAsync(_both.On, request);
            Assert.StartsWith(begins, answer);
        }
        return answer;
    }

    private bool IsReady(string request)
    {
        Assert.True(PlainRequest.TryRead(Encoding.ASCII.GetBytes(request), new(4096, 64), out PlainRequest plain));
        // The first request after a path has to be looked up again gets no ready response.
        return _both.On.Ready.Find(plain, isHttps: false, long.MaxValue) is not null
            || _both.On.Ready.Find(plain, isHttps: false, long.MaxValue) is not null;
    }
}
