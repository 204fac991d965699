using System.Net;
using Rcomm.Settings;
using Rcomm.Tests.Server;

namespace Rcomm.Tests.Site;

/// <summary>Clean URLs, listings, and the rules of rcomm.json for paths and hosts.</summary>
public sealed class SiteRulesTests(RuledSite ruled) : IClassFixture<RuledSite>
{
    [Theory]
    [InlineData("/about", "200", "about")]
    [InlineData("/about.html", "301", "/about")]
    [InlineData("/about/", "301", "/about")]
    [InlineData("/about.html?x=1", "301", "/about?x=1")]
    [InlineData("/about.txt", "200", "text")]
    [InlineData("/about.txt/", "301", "/about.txt")]
    [InlineData("/howdy/", "301", "/howdy")]
    [InlineData("/howdy/?a=b", "301", "/howdy?a=b")]
    [InlineData("/plain/", "301", "/plain")]
    [InlineData("//evil.example/", "404", "")]
    [InlineData("/howdy/page", "404", "")]
    [InlineData("/not_found", "404", "")]
    [InlineData("/busy.html", "404", "")]
    [InlineData("/old/a/b%20c?q=1", "301", "/new/a/b%20c?q=1")]
    [InlineData("/old/%2F%2Fevil", "404", "")]
    [InlineData("/old//evil.example", "301", "/new/evil.example")]
    [InlineData("/old/", "301", "/new/")]
    [InlineData("/moved", "308", "https://example.com/there")]
    [InlineData("/moved/", "308", "https://example.com/there")]
    [InlineData("/ends/", "301", "/howdy")]
    [InlineData("/short/evil.example", "301", "/evil.example")]
    [InlineData("/short%5Cevil.example", "301", "/%5Cevil.example")]
    [InlineData("/v1/anything", "200", "<h1>howdy</h1>")]
    [InlineData("/v2/anything", "200", "about")]
    public async Task Each_page_has_one_URL_and_the_rules_are_followed(string path, string status, string leadsTo)
    {
        string answer = await GetAsync(path);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        if (status[0] == '3') Assert.Contains($"Location: {leadsTo}\r\n", answer);
        else Assert.EndsWith(leadsTo, answer);
    }

    [Fact]
    public async Task Headers_and_Cache_Control_follow_the_path()
    {
        foreach (string path in (string[])["/style.css", "//style.css", "/./style.css", "/%73tyle.css", "http://x/style.css"])
            Assert.Contains("X-Kind: style\r\n", await GetAsync(path));
        Assert.DoesNotContain("X-Kind", await GetAsync("/about"));
        Assert.Contains("Cache-Control: no-store\r\n", await GetAsync("/howdy"));
    }

    [Fact]
    public async Task The_operators_word_on_a_header_is_the_last_and_an_empty_one_removes_it()
    {
        string answer = await GetAsync("/about.txt");

        Assert.Contains("Content-Type: text/x-own\r\n", answer);
        Assert.Contains("Cache-Control: max-age=5\r\n", answer);
        Assert.DoesNotContain("ETag", answer);
        Assert.DoesNotContain("X-Content-Type-Options", answer);
        Assert.Contains("Cache-Control: max-age=1\r\n", await GetAsync("/"));
        Assert.Contains("Cache-Control: max-age=2\r\n", await GetAsync("/about"));
    }

    [Fact]
    public async Task A_rule_for_files_does_not_make_caches_keep_an_error()
    {
        string answer = await GetAsync("/gone.txt");

        Assert.StartsWith("HTTP/1.1 404 ", answer);
        Assert.Contains("X-Kept: yes\r\n", answer);
        Assert.DoesNotContain("Cache-Control", answer);
        Assert.DoesNotContain("Content-Encoding", answer);
    }

    [Theory]
    [InlineData("GET", "/help", 308, "/about#faq")]
    [InlineData("GET", "/help?utm=1", 308, "/about?utm=1#faq")]
    [InlineData("GET", "/seven?utm=1", 307, "/about?x=1#faq")]
    [InlineData("POST", "/help?utm=1", 308, "/about?utm=1#faq")]
    [InlineData("PUT", "/seven", 307, "/about?x=1#faq")]
    [InlineData("DELETE", "/old/a", 301, "/new/a")]
    public async Task A_redirect_holds_for_every_method_and_keeps_query_and_fragment_in_order(string method, string target, int status, string location)
    {
        string answer = await ruled.Server.RawAsync($"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Contains($"Location: {location}\r\n", answer);
    }

    [Fact]
    public async Task A_preflight_allows_the_method_it_asks_for()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{ruled.Site.Root} --cors https://app.example");

        string answer = await server.RawAsync("OPTIONS / HTTP/1.1\r\nHost: x\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: " +
            "PUT\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 204 ", answer);
        Assert.Contains("Access-Control-Allow-Methods: PUT\r\n", answer);
    }

    [Fact]
    public async Task An_address_is_denied_in_whichever_form_it_is_written()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{ruled.Site.Root} --deny ::ffff:127.0.0.1");

        Assert.StartsWith("HTTP/1.1 403 ", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }

    [Fact]
    public async Task An_error_has_the_page_it_was_given()
    {
        string answer = await ruled.Server.RawAsync("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 405 ", answer);
        Assert.EndsWith("<h1>not allowed</h1>", answer);
    }

    [Theory]
    [InlineData("other.example")]
    [InlineData("Other.Example:8080")]
    [InlineData("a.b.other.example")]
    [InlineData("other.example.")]
    [InlineData("OTHER.EXAMPLE.:80")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("XN--BCHER-KVA.example.:80")]
    public async Task A_host_has_its_own_site(string host) => Assert.EndsWith("the other host", await GetAsync("/", host));

    [Theory]
    [InlineData("example")]
    [InlineData("notother.example")]
    public async Task Every_other_host_has_the_servers(string host) => Assert.EndsWith("<h1>home</h1>", await GetAsync("/", host));

    [Fact]
    public async Task A_listing_is_safe_against_odd_names_and_shows_nothing_hidden()
    {
        string answer = await GetAsync("/plain?sort=size&order=down");

        Assert.Contains("<a href=\"/plain/a%26b%20%3Ci%3E.txt\">a&amp;b &lt;i&gt;.txt</a>", answer);
        Assert.Contains("<a href=\"/plain/sub\">sub/</a>", answer);
        Assert.DoesNotContain("secret", answer);
        Assert.Contains("<a href=\"/plain/in.css\">in.css</a></td><td>18 B</td>", answer);
        Assert.DoesNotContain("out", answer[answer.IndexOf("<tbody>")..]);
        Assert.Contains("Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'", answer);
        Assert.EndsWith("odd name", await GetAsync("/plain/a%26b%20%3Ci%3E.txt"));
    }

    [Fact]
    public async Task A_single_page_application_gets_its_page_for_its_own_paths_alone()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{ruled.Site.Root} --spa");
        using var http = new HttpClient { BaseAddress = server.Url };

        Assert.Equal("<h1>home</h1>", await http.GetStringAsync("users/42"));
        Assert.Equal("<h1>howdy</h1>", await http.GetStringAsync("howdy"));
        using HttpResponseMessage missing = await http.GetAsync("app.js");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);

        // A folder without a page has its own URL; once it has a page, the page has this URL.
        Assert.Equal("<h1>home</h1>", await http.GetStringAsync("plain"));
        await using InProcessServer listing = await InProcessServer.ServeAsync($"{ruled.Site.Root} --spa --listing");
        using var other = new HttpClient { BaseAddress = listing.Url };
        Assert.Contains("in.css", await other.GetStringAsync("plain"));
    }

    [Fact]
    public async Task Links_out_of_the_root_are_followed_only_where_that_is_asked_for()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{ruled.Site.Root} --follow-links");
        using var http = new HttpClient { BaseAddress = server.Url };

        Assert.StartsWith("HTTP/1.1 404 ", await GetAsync("/leak.txt"));
        Assert.Equal(SampleSite.Secret, await http.GetStringAsync("leak.txt"));
        Assert.StartsWith("HTTP/1.1 404 ", await server.RawAsync("GET /../secret.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }

    [Theory]
    [InlineData("""{ "site": { "redirect": [] } }""", "site.redirect in", "unknown name")]
    [InlineData("""{ "site": { "redirects": [{ "from": "old", "to": "/new" }] } }""", "site.redirects[0].from in", "begin it with / or *")]
    [InlineData("""{ "site": { "redirects": [{ "from": "/old", "to": "/new", "status": 200 }] } }""", "site.redirects[0].status in",
        "write 301, 302, 303, 307 or 308")]
    [InlineData("""{ "site": { "redirects": [{ "from": "/old" }] } }""", "site.redirects[0] in", "'to'")]
    [InlineData("""{ "site": { "redirects": [{ "from": "/old", "to": "/käse" }] } }""", "site.redirects[0].to in", "write /k%C3%A4se")]
    [InlineData("""{ "site": { "redirects": [{ "from": "/old*", "to": "//*" }] } }""", "site.redirects[0].to in", "a * can only follow the host")]
    [InlineData("""{ "site": { "cacheControl": [{ "path": "/*", "value": "é" }] } }""", "site.cacheControl[0].value in",
        "this header can't be sent")]
    [InlineData("""{ "site": { "errorPages": { "503": "/missing.html" } } }""", "site.errorPages.503 in", "there is no such file")]
    [InlineData("""{ "site": { "errorPages": { "200": "x.html" } } }""", "site.errorPages in", "400 to 599")]
    [InlineData("""{ "hosts": [{ "names": ["x"], "documentRoot": "/nowhere" }] }""", "hosts[0].documentRoot in", "there is no such folder")]
    [InlineData("""{ "hosts": [{ "names": ["https://example.com"], "documentRoot": "/tmp" }] }""", "hosts[0].names[0] in", "write a name only")]
    [InlineData("""{ "hosts": [{ "names": ["a.example", "A.example"], "documentRoot": "/tmp" }] }""", "hosts in", "a.example is named twice")]
    [InlineData("""{ "site": { "redirects": [{ "from": "/docs", "to": "/docs/" }] } }""", "site.redirects[0] in",
        "/docs is a redirect loop: /docs → /docs/; a slash at the end")]
    [InlineData("""{ "site": { "redirects": [{ "from": "/a", "to": "/b#x" }, { "from": "/b", "to": "/a?x" }] } }""", "site.redirects[0] in",
        "/a is a redirect loop: /a → /b → /a.")]
    [InlineData("""{ "site": { "redirects": [{ "from": "/a/*", "to": "/a/b/*" }] } }""", "site.redirects[0] in",
        "/a/* is a redirect loop: /a/* → /a/b/* → /a/b/b/* → ….")]
    [InlineData("""{ "hosts": [{ "names": ["b\u00fccher.example", "xn--bcher-kva.example"], "documentRoot": "/tmp" }] }""", "hosts in", "is named twice")]
    [InlineData("""{ "hosts": [{ "names": ["xn--99999999999.example"], "documentRoot": "/tmp" }] }""", "hosts[0].names[0] in", "write a name only")]
    [InlineData("""{ "hosts": { "names": [] } }""", "hosts in", "this isn't a valid value here")]
    public async Task A_mistake_in_the_file_is_told_with_its_place(string json, string place, string what)
    {
        string file = Path.Combine(ruled.Site.Folder, Path.GetRandomFileName());
        await File.WriteAllTextAsync(file, json);

        ConfigurationException error = Assert.Throws<ConfigurationException>(() => InProcessServer.Read($"{ruled.Site.Root} --config {file}"));

        Assert.Contains(place, error.Message);
        Assert.Contains(what, error.Message);
    }

    private Task<string> GetAsync(string path, string host = "x") => ruled.Server.RawAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
}
