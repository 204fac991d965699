using System.Net.Sockets;
using System.Text;
using Rcomm.Transport.FastPath;

namespace Rcomm.Tests.Server;

/// <summary>For every request, the fast path's response is byte for byte the same as Kestrel's.</summary>
public sealed class FastPathTests : IAsyncLifetime
{
    internal static readonly string[] Targets =
    [
        "/", "/howdy", "/docs", "/style.css", "/inside.css", "/empty.txt", "/noise.bin", "/large.txt", "/a%20b/%C3%A4.txt", "/style.css?v=1",
        "/.well-known/security.txt",
        "/howdy/", "/docs/index.html", "/missing", "/leak.txt", "/../secret.txt", "//style.css", "/%2e%2e/secret.txt", "/style.css/", "*", "http://x/style.css",
        "/missing/", "/missing?x=1", "/howdy/missing.png", "/page.html", "/howdy/page.html", "/docs/", "/howdy/?a=b", "/.hidden", "/not_found.html",
        "/%zz", "/a%2Fb", "/both/index.html",
    ];

    internal static readonly string[] Headers =
    [
        "", "Accept-Encoding: gzip\r\n", "Accept-Encoding: br;q=1.0, gzip;q=0.5\r\n", "accept-encoding:  gzip  \r\n",
        "Accept-Encoding: gzip\r\nAccept-Encoding: br\r\n", "Accept-Encoding:\r\n",
        "If-None-Match: *\r\n", "If-None-Match: \"other\"\r\n", "If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n",
        "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n", "If-Match: \"other\"\r\n",
        "If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n", "Range: bytes=0-3\r\n", "Range: bytes=0-3\r\nIf-Range: \"other\"\r\n",
        "Connection: close\r\n", "Connection: keep-alive\r\n", "connection: Close\r\n", "Connection: close, x\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n",
        "User-Agent: test\r\nReferer: http://x/\r\nCookie: a=b\r\n", "Origin: http://y\r\n", "X-Forwarded-For: 192.0.2.1\r\n",
        "Authorization: Basic eDp5\r\n", "Expect: 100-continue\r\n",
        "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "X: \x00e4\r\n", "X : y\r\n", "X: a\r\n b\r\n", ": y\r\n", "X\r\n", "TE: trailers\r\n",
    ];

    private readonly SampleSite _site = new();
    private BothPaths _both = null!;

    private InProcessServer On => _both.On;

    public async ValueTask InitializeAsync()
    {
        _site.Write("large.txt", string.Concat(Enumerable.Repeat("All work and no play makes Jack a dull boy. ", 1500)));
        _both = await BothPaths.ServeAsync(_site);
    }

    public async ValueTask DisposeAsync()
    {
        await _both.DisposeAsync();
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
            await _both.AssertSameAsync(request, method is "GET" or "HEAD" ? 3 : 1);
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
            await _both.AssertSameAsync(request);
        }
    }

    [Fact]
    public async Task Malformed_requests_get_the_same_bytes_also_behind_a_plain_one()
    {
        const string plain = "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n";
        await BothPaths.AnswerAsync(On, plain);
        foreach (string request in MalformedRequests.Heads.Concat(MalformedRequests.Right).Select(row => row.Data))
        foreach (string before in (string[])["", plain, plain + plain])
            await _both.AssertSameAsync(before + request + plain, times: 1);
    }

    [Fact]
    public async Task A_request_that_is_split_at_any_byte_is_answered_and_so_are_two_in_one_segment()
    {
        const string first = "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n", second = "GET /howdy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        both = first + second;
        string expected = await BothPaths.AnswerAsync(_both.Off, both);
        for (int split = 0; split < both.Length; split++)
        {
            using Socket client = await On.ConnectAsync();
            client.NoDelay = true;
            await client.SendAsync(Encoding.ASCII.GetBytes(both[..split]));
            await Task.Yield();
            await client.SendAsync(Encoding.ASCII.GetBytes(both[split..]));

            Assert.Equal((split, expected), (split, BothPaths.WithoutDate(await RawHttp.ReadToEndAsync(client))));
        }
    }

    [Fact]
    public async Task A_changed_file_is_answered_whole_and_at_once()
    {
        bool ended = false;
        int version = 0;
        Write(0);
        Task clients = Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            using var http = new HttpClient { BaseAddress = On.Url };
            while (!Volatile.Read(ref ended))
            {
                int sent = Volatile.Read(ref version);
                string text = await http.GetStringAsync("changing.txt");
                Assert.Single(text.Distinct());
                Assert.True(text.Length - 1 >= sent, $"{text.Length - 1} after {sent}");
            }
        })));
        for (int i = 1; i <= 1000 && !clients.IsFaulted; i++)
        {
            Write(i);
            Volatile.Write(ref version, i);
            await Task.Yield();
        }
        Volatile.Write(ref ended, true);
        await clients;

        // By rename and with a time in the past, so that responses are published. The length and the letter identify the version.
        void Write(int i)
        {
            string path = Path.Combine(_site.Folder, "next.txt");
            File.WriteAllText(path, new string((char)('a' + i % 26), i + 1));
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-2).AddSeconds(i));
            File.Move(path, Path.Combine(_site.Root, "changing.txt"), overwrite: true);
        }
    }
}
