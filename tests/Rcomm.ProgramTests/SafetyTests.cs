using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.ProgramTests;

public sealed class SafetyTests : SafetyTestBase
{
    // alice: wonderland, made with htpasswd -nbB -C 4.
    private const string Password = "alice:$2y$04$qrrBmEEQOoK5a5jALt.fzexjxblqaCAgiTNYAu58rAv.yIxxXbOtC";

    [Fact]
    public async Task Answers_have_the_headers_that_keep_browsers_safe()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync(_site.Root, "RCOMM_CONTENT_SECURITY_POLICY=default-src 'self'");

        foreach (string path in (string[])["/", "/missing"])
        {
            string answer = await GetAsync(server, path);
            Assert.Contains("Server: rcomm\r\n", answer);
            Assert.Contains("X-Content-Type-Options: nosniff\r\n", answer);
            Assert.Contains("X-Frame-Options: SAMEORIGIN\r\n", answer);
            Assert.Contains("Referrer-Policy: strict-origin-when-cross-origin\r\n", answer);
            Assert.Contains("Content-Security-Policy: default-src 'self'\r\n", answer);
            Assert.Contains("Date: ", answer);
        }
    }

    [Fact]
    public async Task Headers_can_be_turned_off()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --server-header off --frame-options off --referrer-policy off");

        string answer = await GetAsync(server, "/");

        Assert.DoesNotContain("Server:", answer);
        Assert.DoesNotContain("X-Frame-Options", answer);
        Assert.DoesNotContain("Referrer-Policy", answer);
    }

    [Fact]
    public async Task What_the_server_itself_reads_and_writes_is_never_served()
    {
        // All files are in the folder that is served, as people often do.
        File.WriteAllText(Path.Combine(_site.Root, "rcomm.json"),
            """{ "followLinks": true, "listing": true, "port": 0, "accessLog": "on,./access.log", "cacheSize": "1m" }""");
        File.WriteAllText(Path.Combine(_site.Root, "my.env"), "RCOMM_TLS_PASSWORD=secret\n");
        File.CreateSymbolicLink(Path.Combine(_site.Root, "link.json"), Path.Combine(_site.Root, "rcomm.json"));
        Directory.CreateDirectory(Path.Combine(_site.Root, "all"));
        File.CreateSymbolicLink(Path.Combine(_site.Root, "all", "here"), _site.Root);
        await using RcommProcess server = RcommProcess.Start(". --env-file my.env", _site.Root, []);
        await server.ListeningLineAsync();

        foreach (string path in (string[])["rcomm.json", "my.env", "access.log", "link.json", "all/here/rcomm.json", "all/here/my.env", "%72comm.json"])
            Assert.StartsWith("HTTP/1.1 404", await server.RawAsync($"GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        string listing = await server.RawAsync("GET /all/here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.DoesNotContain("my.env", listing);
        Assert.StartsWith("HTTP/1.1 200", await server.RawAsync("GET /howdy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }

    [Theory]
    [InlineData("--max-request-line 256", "GET /{300} HTTP/1.1\r\nHost: x\r\n\r\n", 414)]
    [InlineData("--max-header-size 1k", "GET / HTTP/1.1\r\nHost: x\r\nX-Long: {1100}\r\n\r\n", 431)]
    [InlineData("--max-headers 3", "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", 431)]
    [InlineData("--header-timeout 1s", "GET / HTTP/1.1\r\nHost: x\r\n", 408)]
    [InlineData("--max-body 1k", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\nConnection: close\r\n\r\n{2000}", 405)]
    public async Task What_is_too_much_is_refused_with_its_status(string arguments, string request, int status)
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} {arguments}");
        string filled = System.Text.RegularExpressions.Regex.Replace(request, @"\{(\d+)\}", found => new string('x', int.Parse(found.Groups[1].Value)));

        string answer = await server.RawAsync(filled);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
    }

    [Fact]
    public async Task An_idle_connection_is_closed()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --idle-timeout 1s");

        string answer = await server.RawAsync("GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.EndsWith("h1 { color: teal }", answer);
    }

    [Fact]
    public async Task A_connection_ends_after_its_requests()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --requests-per-connection 2");

        string answer = await server.RawAsync(
            "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\nGET /empty.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /style.css HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.Equal(2, answer.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.Contains("Connection: close\r\n", answer);
    }

    [Fact]
    public async Task One_client_has_no_more_connections_than_it_may()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --client-connections 2");
        using Socket first = await AnsweredAsync(server), second = await AnsweredAsync(server);

        Assert.StartsWith("HTTP/1.1 429 ", await GetAsync(server, "/"));

        first.Dispose();
        string answer = "";
        for (DateTime end = DateTime.UtcNow + RcommProcess.WaitTimeout; DateTime.UtcNow < end
            && !answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal); await Task.Delay(20))
            answer = await GetAsync(server, "/");
        Assert.StartsWith("HTTP/1.1 200 ", answer);
    }

    [Fact]
    public async Task One_client_opens_no_more_connections_a_second_than_it_may()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --client-rate 1");

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync(server, "/")));

        Assert.Contains(answers, answer => answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal));
        Assert.Contains(answers, answer => answer.StartsWith("HTTP/1.1 429 ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("alice:wonderland", 200)]
    [InlineData("alice:other", 401)]
    [InlineData("bob:wonderland", 401)]
    [InlineData("", 401)]
    public async Task A_name_and_its_password_are_asked_for(string credentials, int status)
    {
        string file = Path.Combine(_site.Folder, "htpasswd");
        await File.WriteAllTextAsync(file, Password + "\n");
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --htpasswd {file} --access-log-format common");
        using var http = new HttpClient { BaseAddress = server.Url };
        if (credentials != "")
            http.DefaultRequestHeaders.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));

        using HttpResponseMessage answer = await http.GetAsync("");

        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 401) Assert.Equal("Basic", answer.Headers.WwwAuthenticate.Single().Scheme);
        else await server.OutputLineAsync("127.0.0.1 - alice [");
    }

    [Fact]
    public async Task Other_origins_may_read_answers_where_they_are_named()
    {
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --cors https://app.example");

        Assert.Contains("Access-Control-Allow-Origin: https://app.example\r\n", await GetAsync(server, "/", "Origin: https://app.example\r\n"));
        Assert.DoesNotContain("Access-Control-Allow-Origin", await GetAsync(server, "/", "Origin: https://evil.example\r\n"));
        Assert.Contains("Vary: Origin\r\n", await GetAsync(server, "/"));
        string preflight = await server.RawAsync(
            "OPTIONS / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: GET\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 204 ", preflight);
    }

    // Open, and the server knows it.
    private static async Task<Socket> AnsweredAsync(RcommProcess server)
    {
        Socket socket = await server.ConnectAsync();
        await socket.SendAsync("GET /empty.txt HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await socket.ReceiveAsync(new byte[1000]);
        return socket;
    }
}
