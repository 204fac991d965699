using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Rcomm.Transport.FastPath;

namespace Rcomm.Tests.Server;

/// <summary>Whatever is asked, the fast path answers byte for byte as Kestrel's path does.</summary>
public sealed partial class FastPathTests : IAsyncLifetime
{
    internal static readonly string[] Targets =
    [
        "/", "/howdy", "/docs", "/style.css", "/inside.css", "/empty.txt", "/noise.bin", "/large.txt", "/a%20b/%C3%A4.txt", "/style.css?v=1", "/.well-known/security.txt",
        "/howdy/", "/docs/index.html", "/missing", "/leak.txt", "/../secret.txt", "//style.css", "/%2e%2e/secret.txt", "/style.css/", "*", "http://x/style.css",
    ];

    internal static readonly string[] Headers =
    [
        "", "Accept-Encoding: gzip\r\n", "Accept-Encoding: br;q=1.0, gzip;q=0.5\r\n", "accept-encoding:  gzip  \r\n", "Accept-Encoding: gzip\r\nAccept-Encoding: br\r\n", "Accept-Encoding:\r\n",
        "If-None-Match: *\r\n", "If-None-Match: \"other\"\r\n", "If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n", "If-Match: \"other\"\r\n",
        "If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n", "Range: bytes=0-3\r\n", "Range: bytes=0-3\r\nIf-Range: \"other\"\r\n",
        "Connection: close\r\n", "Connection: keep-alive\r\n", "connection: Close\r\n", "Connection: close, x\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n",
        "User-Agent: test\r\nReferer: http://x/\r\nCookie: a=b\r\n", "Origin: http://y\r\n", "X-Forwarded-For: 192.0.2.1\r\n", "Authorization: Basic eDp5\r\n", "Expect: 100-continue\r\n",
        "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "X: \x00e4\r\n", "X : y\r\n", "X: a\r\n b\r\n", ": y\r\n", "X\r\n", "TE: trailers\r\n",
    ];

    private readonly SampleSite _site = new();
    private InProcessServer _on = null!;
    private InProcessServer _off = null!;

    public async ValueTask InitializeAsync()
    {
        _site.Write("large.txt", string.Concat(Enumerable.Repeat("All work and no play makes Jack a dull boy. ", 1500)));
        // A file that was changed just now is not published.
        foreach (string file in Directory.GetFiles(_site.Root, "*", SearchOption.AllDirectories)) File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
        _on = await InProcessServer.ServeAsync(_site.Root);
        _off = await InProcessServer.ServeAsync($"{_site.Root} --fast-path off");
    }

    public async ValueTask DisposeAsync()
    {
        await _on.DisposeAsync();
        await _off.DisposeAsync();
        _site.Dispose();
    }

    [Fact]
    public async Task Every_request_gets_the_same_bytes_cold_and_warm()
    {
        long before = FastPathMetrics.Answered;
        foreach (string method in (string[])["GET", "HEAD", "POST", "get"])
        foreach (string target in Targets)
        foreach (string headers in Headers)
        {
            string body = headers.StartsWith("Transfer", StringComparison.Ordinal) ? "0\r\n\r\n" : "";
            string request = $"{method} {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n{body}";
            string expected = await AnswerAsync(_off, request);

            Assert.Equal((request, expected), (request, await AnswerAsync(_on, request)));
            Assert.Equal((request, expected), (request, await AnswerAsync(_on, request)));
        }
        Assert.True(FastPathMetrics.Answered - before > 100);
    }

    [Theory]
    [InlineData("Host: x\r\nHost: y\r\n")]
    [InlineData("Host: a b\r\n")]
    [InlineData("Host:\r\n")]
    [InlineData("")]
    [InlineData("Host: X\r\n")]
    [InlineData("host: x:80\r\n")]
    public async Task A_host_is_read_as_Kestrel_reads_it(string host)
    {
        foreach (string version in (string[])["HTTP/1.1", "HTTP/1.0", "HTTP/1.2"])
        {
            string request = $"GET /style.css {version}\r\n{host}\r\n";
            string expected = await AnswerAsync(_off, request);

            for (int i = 0; i < 3; i++) Assert.Equal((request, expected), (request, await AnswerAsync(_on, request)));
        }
    }

    [Fact]
    public async Task Malformed_requests_get_the_same_bytes_also_behind_a_plain_one()
    {
        const string plain = "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n";
        await AnswerAsync(_on, plain);
        foreach (string request in MalformedRequests.Heads.Concat(MalformedRequests.Right).Select(row => row.Data))
        foreach (string before in (string[])["", plain, plain + plain])
            Assert.Equal((request, await AnswerAsync(_off, before + request + plain)), (request, await AnswerAsync(_on, before + request + plain)));
    }

    [Fact]
    public async Task A_request_that_is_split_at_any_byte_is_answered_and_so_are_two_in_one_segment()
    {
        const string first = "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n", second = "GET /howdy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", both = first + second;
        string expected = await AnswerAsync(_off, both);
        for (int split = 0; split < both.Length; split++)
        {
            using Socket client = await _on.ConnectAsync();
            client.NoDelay = true;
            await client.SendAsync(Encoding.ASCII.GetBytes(both[..split]));
            await Task.Yield();
            await client.SendAsync(Encoding.ASCII.GetBytes(both[split..]));

            Assert.Equal((split, expected), (split, WithoutDate(await RawHttp.ReadToEndAsync(client))));
        }
    }

    [Fact]
    public async Task A_changed_file_is_answered_whole_and_at_once()
    {
        bool ended = false;
        int version = 0;
        Task clients = Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            using var http = new HttpClient { BaseAddress = _on.Url };
            while (!Volatile.Read(ref ended))
            {
                int sent = Volatile.Read(ref version);
                string text = await http.GetStringAsync("changing.txt");
                Assert.Single(text.Distinct());
                Assert.True(text.Length - 1 >= sent, $"{text.Length - 1} after {sent}");
            }
        })));
        Write(0);
        for (int i = 1; i <= 1000 && !clients.IsFaulted; i++)
        {
            Write(i);
            Volatile.Write(ref version, i);
            await Task.Yield();
        }
        Volatile.Write(ref ended, true);
        await clients;

        // By rename and with a time in the past, so that answers are published: the length and the letter tell the version.
        void Write(int i)
        {
            string path = Path.Combine(_site.Folder, "next.txt");
            File.WriteAllText(path, new string((char)('a' + i % 26), i + 1));
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-2).AddSeconds(i));
            File.Move(path, Path.Combine(_site.Root, "changing.txt"), overwrite: true);
        }
    }

    private static async Task<string> AnswerAsync(InProcessServer server, string request)
    {
        using Socket client = await server.ConnectAsync();
        await client.SendAsync(Encoding.Latin1.GetBytes(request));
        // The client that has ended its side still wants its answers.
        client.Shutdown(SocketShutdown.Send);
        return WithoutDate(await RawHttp.ReadToEndAsync(client));
    }

    internal static string WithoutDate(string answer) => Date().Replace(answer, "Date: now");

    [GeneratedRegex("Date: [^\r]*")]
    private static partial Regex Date();
}
