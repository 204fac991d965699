using System.Text;
using Rcomm.Server;
using Rcomm.Settings;
using Rcomm.Settings.Groups;

namespace Rcomm.Tests;

public sealed class ConfigurationFileTests : IDisposable
{
    // Everything that a file can contain, as a basis for mutations.
    private const string Whole = """
        {
          // a comment
          "port": 0,
          "backlog": "max",
          "listen": ["127.0.0.1:0", "[::1]:0"],
          "documentRoot": "ROOT",
          "spa": true,
          "idleTimeout": "30s",
          "cacheSize": "8MB",
          "allow": ["10.0.0.0/8"],
          "accessLog": "off",
          "upstreamHealth": "/healthz",
          "site": {
            "redirects": [{ "from": "/old/*", "to": "/new/*", "status": 308 }],
            "rewrites": [{ "from": "/r", "to": "/index.html" }],
            "headers": [{ "path": "*.js", "set": { "X-A": "b" } }],
            "cacheControl": [{ "path": "/a*", "value": "no-store" }],
            "errorPages": {},
            "proxy": [{ "path": "/api/*", "to": ["http://127.0.0.1:3000"], "connections": 5, "health": "/up" }]
          },
          "hosts": [{ "names": ["example.com", "*.example.com"], "documentRoot": "ROOT", "listing": true, "proxy": [] }]
        }
        """;

    private static readonly string[] Pieces = ["null", "{}", "[]", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "-1", "1e999", "true", "\"*\"", "\"//\"",
        "\"/{x}\"", "\"xn--a\"", "\"::\"", "[null]", "\"http://[\"", "99999999999"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcomm");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("{ \"port\": 1,\n \"port\": 2 }", "line 2: port is written twice")]
    [InlineData("{\n \"site\": {}, \"Site\": {} }", "line 2: Site is written twice")]
    [InlineData("{\n\n \"backlogg\": 5 }", "backlogg in my.json, line 3: there is no such setting. Did you mean backlog?")]
    [InlineData("{ \"site\": {\n \"redirects\": [ null ] } }", "site.redirects[0] in my.json, line 2: null isn't a valid value")]
    [InlineData("{ \"site\": { \"headers\": [{ \"path\": \"/\", \"set\": {\n\"X\": null } }] } }", "site.headers[0].set.X in my.json, line 2")]
    [InlineData("{ \"address\": \"\\ud800\" }", "line 1: the text contains an incomplete character")]
    [InlineData("{ \"documentRoot\": \"a\\u0000b\" }", "line 1: a text can't contain a NUL character")]
    [InlineData("{ \"documentRoot\": \"\" }", "documentRoot in my.json, line 1: : the path is empty")]
    [InlineData("{ \"port\": { } }", "port in my.json, line 1: write a value")]
    [InlineData("[]", "must contain an object")]
    [InlineData("", "line 1, column 1: this isn't valid JSON")]
    [InlineData("{\n \"port\": 80\n \"backlog\": 5 }", "line 3, column 2: this isn't valid JSON")]
    [InlineData("{ \"port\":\n 99999 }", "port in my.json, line 2: 99999: write a whole number from 0 to 65535")]
    [InlineData("{ \"site\": { \"proxy\": [{ \"path\": \"/api*\",\n \"to\": [\"127.0.0.1:1\"] }] } }",
        "site.proxy[0].path in my.json, line 1: \"/api*\" isn't a valid path. Write a path, e.g. /api, or /api/*")]
    [InlineData("{ \"site\": { \"proxy\": [{ \"path\": \"/\", \"to\": [] }] } }", "name at least one upstream")]
    [InlineData("{ \"hosts\": [{ \"names\": [\"a b\"], \"documentRoot\": \"/\" }] }", "hosts[0].names[0] in my.json, line 1: a b: write a name only")]
    public void What_is_wrong_is_told_with_file_line_and_reason(string json, string said) =>
        Assert.Contains(said, Assert.Throws<ConfigurationException>(() => Read(json)).Message);

    [Fact]
    public void A_byte_order_mark_is_accepted() =>
        Assert.Equal("80", ConfigurationFile.Parse("my.json", [0xEF, 0xBB, 0xBF, .. "{ \"port\": 80 }"u8]).Find(ListeningGroup.Port));

    [Fact]
    public void Where_the_addresses_are_named_the_port_is_not_read()
    {
        var sources = new SettingSources(
            new Dictionary<string, string>(), EnvironmentFile.None,
            new Dictionary<string, string> { ["RCOMM_PORT"] = "nonsense", ["RCOMM_LISTEN"] = "127.0.0.1:0" }, ConfigurationFile.None);

        Assert.Equal("127.0.0.1:0", Assert.Single(ServeSettings.ReadAddresses(sources)).ToString());
        Assert.Contains("has no effect", Assert.Single(sources.Warnings));
    }

    [Fact]
    public async Task Whatever_a_file_says_is_either_served_or_told_to_be_wrong()
    {
        // RCOMM_FUZZ_FILES sets a larger number for longer runs, RCOMM_FUZZ_SEED another seed.
        int files = int.TryParse(Environment.GetEnvironmentVariable("RCOMM_FUZZ_FILES"), out int wanted) ? wanted : 4000;
        var random = new Random(int.TryParse(Environment.GetEnvironmentVariable("RCOMM_FUZZ_SEED"), out int seed) ? seed : 16);
        int valid = 0;
        await BuildAsync(Read(Whole.Replace("ROOT", _folder.FullName)), Whole);
        for (int i = 0; i < files; i++)
        {
            string json = Mutate(random, Whole.Replace("ROOT", _folder.FullName));
            ServeSettings settings;
            try
            {
                settings = Read(json);
            }
            catch (ConfigurationException e)
            {
                // Without a document root in the file, the default folder is missing.
                Assert.Matches(@"my\.json|\./pages", e.Message);
                continue;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"File {i}:\n{json}", e);
            }
            // Building a server takes a thousand times as long as reading a file.
            if (valid++ % 50 == 0) await BuildAsync(settings, json);
        }
        Assert.InRange(valid, 1, files - 1);
    }

    private static async Task BuildAsync(ServeSettings settings, string json)
    {
        try
        {
            await ServerBuilder.VerifyAsync(settings);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Check and start differ:\n{json}", e);
        }
    }

    private static ServeSettings Read(string json) => ServeSettings.From(new SettingSources(
        new Dictionary<string, string>(), EnvironmentFile.None, new Dictionary<string, string>(),
        ConfigurationFile.Parse("my.json", Encoding.UTF8.GetBytes(json))));

    private static string Mutate(Random random, string json)
    {
        var text = new StringBuilder(json);
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = random.Next(text.Length), length = Math.Min(random.Next(1, 12), text.Length - at);
            switch (random.Next(6))
            {
                case 0: text.Remove(at, length); break;
                case 1: text.Insert(at, text.ToString(at, length)); break;
                case 2: text[at] = (char)random.Next(0x20, 0x7f); break;
                case 3: text.Insert(at, Pieces[random.Next(Pieces.Length)]); break;
                default: ReplaceValue(random, text); break;
            }
        }
        return text.ToString();
    }

    // A whole value, so that the result is still JSON.
    private static void ReplaceValue(Random random, StringBuilder text)
    {
        string whole = text.ToString();
        int quote = whole.IndexOf('"', random.Next(whole.Length));
        int end = quote < 0 ? -1 : whole.IndexOf('"', quote + 1);
        if (end < 0) return;
        string piece = Pieces[random.Next(Pieces.Length)];
        text.Remove(quote, end + 1 - quote).Insert(quote, piece);
    }
}
