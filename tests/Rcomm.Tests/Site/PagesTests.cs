using System.Net;
using System.Net.Sockets;

namespace Rcomm.Tests.Site;

public sealed class PagesTests(ServedSite served) : IClassFixture<ServedSite>
{
    [Theory]
    [InlineData("/", "<h1>home</h1>", "text/html; charset=utf-8")]
    [InlineData("/howdy", "<h1>howdy</h1>", "text/html; charset=utf-8")]
    [InlineData("//howdy", "<h1>howdy</h1>", "text/html; charset=utf-8")]
    [InlineData("/docs", "<h1>docs</h1>", "text/html; charset=utf-8")]
    [InlineData("/both", "page", "text/html; charset=utf-8")]
    [InlineData("/both/index.html", "index", "text/html; charset=utf-8")]
    [InlineData("/style.css", "h1 { color: teal }", "text/css; charset=utf-8")]
    [InlineData("/style.css?v=2", "h1 { color: teal }", "text/css; charset=utf-8")]
    [InlineData("/inside.css", "h1 { color: teal }", "text/css; charset=utf-8")]
    [InlineData("/a%20b/%C3%A4.txt", "spaces and umlauts", "text/plain; charset=utf-8")]
    [InlineData("/empty.txt", "", "text/plain; charset=utf-8")]
    [InlineData("/.well-known/security.txt", "Contact: mailto:x@example.com", "text/plain; charset=utf-8")]
    public async Task Every_file_has_its_route(string path, string body, string type)
    {
        string answer = await GetRawAsync(path);

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer);
        Assert.Contains($"Content-Type: {type}\r\n", answer);
        Assert.Contains($"Content-Length: {body.Length}\r\n", answer);
        Assert.EndsWith("\r\n\r\n" + body, answer);
    }

    [Theory]
    [InlineData("/page.html", "/")]
    [InlineData("/howdy/page.html", "/howdy")]
    [InlineData("/howdy/", "/howdy")]
    [InlineData("//howdy//", "/howdy")]
    [InlineData("/docs/index.html?a=b", "/docs?a=b")]
    public async Task A_folders_page_has_the_folders_route_alone(string path, string canonical)
    {
        string answer = await GetRawAsync(path);

        Assert.StartsWith("HTTP/1.1 301 ", answer);
        Assert.Contains($"Location: {canonical}\r\n", answer);
    }

    [Theory]
    [InlineData("/missing")]
    [InlineData("/howdy/missing")]
    [InlineData("/not_found.html")]
    [InlineData("/%6eot_found.html")]
    [InlineData("/a b")]
    [InlineData("/.hidden")]
    [InlineData("/leak.txt")]
    [InlineData("/style.css/x")]
    [InlineData("/%FF")]
    [InlineData("/howdy%2Fpage.html")]
    public async Task Everything_else_gets_the_not_found_page(string path)
    {
        string answer = await GetRawAsync(path);

        // A space in the target makes the request line itself malformed.
        if (path.Contains(' ')) Assert.StartsWith("HTTP/1.1 400 ", answer);
        else
        {
            Assert.StartsWith("HTTP/1.1 404 Not Found\r\n", answer);
            Assert.EndsWith("\r\n\r\n<h1>nothing here</h1>", answer);
        }
    }

    [Theory]
    [InlineData("/../secret.txt")]
    [InlineData("/howdy/../../secret.txt")]
    [InlineData("/%2e%2e/secret.txt")]
    [InlineData("/%2E%2E%2Fsecret.txt")]
    [InlineData("/..%2fsecret.txt")]
    [InlineData("/..%5csecret.txt")]
    [InlineData("/..\\secret.txt")]
    [InlineData("/.%2e/secret.txt")]
    [InlineData("/%252e%252e/secret.txt")]
    [InlineData("/%c0%ae%c0%ae/secret.txt")]
    [InlineData("/....//secret.txt")]
    [InlineData("//secret.txt")]
    [InlineData("/./../secret.txt")]
    [InlineData("/leak.txt")]
    [InlineData("/proc/self/environ")]
    [InlineData("http://x/../secret.txt")]
    public async Task Nothing_outside_the_root_is_served_whatever_the_encoding(string path)
    {
        string answer = await GetRawAsync(path);

        Assert.Matches("^HTTP/1.1 (404|400) ", answer);
        Assert.DoesNotContain(SampleSite.Secret, answer);
    }

    [Theory]
    [InlineData("/../style.css")]
    [InlineData("/..//./style.css")]
    [InlineData("/%2e%2e/style.css")]
    [InlineData("http://x/style.css")]
    public async Task Dot_segments_are_dropped(string path) => Assert.EndsWith("h1 { color: teal }", await GetRawAsync(path));

    [Fact]
    public async Task A_binary_file_arrives_byte_for_byte()
    {
        using HttpResponseMessage answer = await served.Http.GetAsync("noise.bin");

        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(SampleSite.Noise.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(SampleSite.Noise, await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/style.css", "200 OK", 18)]
    [InlineData("/noise.bin", "200 OK", 300_000)]
    [InlineData("/missing", "404 Not Found", 21)]
    public async Task HEAD_has_the_headers_of_GET_and_no_body(string path, string status, int length)
    {
        string answer = await served.Server.RawAsync($"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status}\r\n", answer);
        Assert.Contains($"Content-Length: {length}\r\n", answer);
        Assert.EndsWith("\r\n\r\n", answer);
    }

    [Theory]
    [InlineData("PROPFIND")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("BREW")]
    [InlineData("get")]
    public async Task Other_methods_are_not_allowed(string method)
    {
        string answer = await served.Server.RawAsync($"{method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 405 ", answer);
        Assert.Contains("Allow: GET, HEAD\r\n", answer);
    }

    [Theory]
    [InlineData("GET\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n")]
    [InlineData("G\u0001T / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n")]
    public async Task A_malformed_request_is_refused_and_the_server_lives_on(string request)
    {
        string answer = await served.Server.RawAsync(request);

        Assert.Matches("^HTTP/1.1 (400|505) ", answer);
        Assert.Equal("<h1>home</h1>", await served.Http.GetStringAsync(""));
    }

    [Fact]
    public async Task A_client_that_vanishes_in_the_middle_does_no_harm()
    {
        for (int i = 0; i < 20; i++)
        {
            using Socket socket = await served.Server.ConnectAsync();
            await socket.SendAsync("GET /noise.bin HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        Assert.Equal("<h1>home</h1>", await served.Http.GetStringAsync(""));
    }

    [Fact]
    public async Task A_file_is_served_as_it_now_is()
    {
        served.Site.Write("live.txt", "one");
        Assert.Equal("one", await served.Http.GetStringAsync("live.txt"));

        served.Site.Write("live.txt", "two, and longer");
        Assert.Equal("two, and longer", await served.Http.GetStringAsync("live.txt"));

        File.Delete(Path.Combine(served.Site.Root, "live.txt"));
        using HttpResponseMessage gone = await served.Http.GetAsync("live.txt");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    private Task<string> GetRawAsync(string target) =>
        served.Server.RawAsync($"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}
