using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Rcomm.Transport.FastPath;

namespace Rcomm.Tests.Server;

/// <summary>Over TLS too, the fast path answers byte for byte as Kestrel's path does.</summary>
public sealed class EncryptedFastPathTests : IAsyncLifetime
{
    private const string Arguments = "--tls-self-signed --hsts 365d";
    private const string Plain = "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n", Last = "GET /howdy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private readonly SampleSite _site = new();
    private InProcessServer _on = null!;
    private InProcessServer _off = null!;

    private string UnixPath => Path.Combine(_site.Folder, "site.sock");

    public async ValueTask InitializeAsync()
    {
        _site.Write("large.txt", string.Concat(Enumerable.Repeat("All work and no play makes Jack a dull boy. ", 1400)));
        File.SetLastWriteTimeUtc(Path.Combine(_site.Root, "large.txt"), DateTime.UtcNow.AddHours(-1));
        _on = await InProcessServer.ServeAsync($"{_site.Root} {Arguments} --listen 127.0.0.1:0,unix:{UnixPath} --idle-timeout 2s");
        _off = await InProcessServer.ServeAsync($"{_site.Root} {Arguments} --fast-path off");
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
        foreach (string method in (string[])["GET", "HEAD"])
        foreach (string target in (string[])["/style.css", "/large.txt", "/howdy/", "/missing"])
        foreach (string headers in FastPathTests.Headers)
        {
            string body = headers.StartsWith("Transfer", StringComparison.Ordinal) ? "0\r\n\r\n" : "";
            await AssertSameAsync($"{method} {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n{body}");
        }
        Assert.True(FastPathMetrics.Answered - before > 50);
    }

    [Fact]
    public async Task Every_target_gets_the_same_bytes_also_before_and_behind_others()
    {
        foreach (string target in FastPathTests.Targets)
        {
            string request = $"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n";
            await AssertSameAsync(request);
            await AssertSameAsync(Plain + request + Plain + Plain + request + Last);
        }
    }

    [Fact]
    public async Task Malformed_requests_get_the_same_bytes_also_behind_a_plain_one()
    {
        foreach (string request in MalformedRequests.Heads.Concat(MalformedRequests.Chunks).Concat(MalformedRequests.Right).Select(row => row.Data))
            await AssertSameAsync(Plain + request + Plain);
    }

    [Fact]
    public async Task A_request_that_is_split_at_any_byte_is_answered_and_so_are_two_in_one_record()
    {
        const string both = Plain + Last;
        string expected = await AnswerAsync(_off, both);
        for (int split = 1; split < both.Length; split++)
        {
            await using SslStream client = await _on.ConnectTlsAsync();
            await client.WriteAsync(Encoding.ASCII.GetBytes(both[..split]));
            await Task.Yield();
            await client.WriteAsync(Encoding.ASCII.GetBytes(both[split..]));

            Assert.Equal((split, expected), (split, await ReadToEndAsync(client)));
        }
    }

    [Fact]
    public async Task Requests_that_come_byte_by_byte_are_answered()
    {
        await using SslStream client = await _on.ConnectTlsAsync();
        foreach (byte one in Encoding.ASCII.GetBytes(Plain + Plain + Last)) await client.WriteAsync(new[] { one });

        Assert.Equal(await AnswerAsync(_off, Plain + Plain + Last), await ReadToEndAsync(client));
    }

    [Theory]
    [InlineData("/style.css", 1000)]
    [InlineData("/large.txt", 100)]
    public async Task Many_requests_at_once_are_all_answered_in_turn(string target, int count)
    {
        string request = $"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n";
        string one = await AnswerAsync(_off, request);
        string expected = string.Concat(Enumerable.Repeat(one, count)) + await AnswerAsync(_off, Last);
        for (int i = 0; i < 2; i++)
        {
            await using SslStream client = await _on.ConnectTlsAsync();
            Task<string> read = ReadToEndAsync(client);
            await client.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, count)) + Last));

            Assert.Equal(expected, await read);
        }
    }

    [Fact]
    public async Task A_connection_goes_to_Kestrel_and_comes_back_as_often_as_it_takes()
    {
        await using SslStream client = await _on.ConnectTlsAsync();
        long before = FastPathMetrics.Answered;
        string expected = await AnswerAsync(_off, Plain);
        for (int i = 0; i < 20; i++)
        {
            await client.WriteAsync("GET /missing HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            await ReadAnswerAsync(client, expected: null);
            // The first of them may be Kestrel's, and brings the connection back.
            for (int j = 0; j < 3; j++)
            {
                await client.WriteAsync(Encoding.ASCII.GetBytes(Plain));
                await ReadAnswerAsync(client, expected);
            }
        }
        Assert.True(FastPathMetrics.Answered - before >= 40);
    }

    [Fact]
    public async Task What_only_answers_over_TLS_say_is_in_no_other()
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.Contains("\r\nStrict-Transport-Security: max-age=31536000\r\n", await AnswerAsync(_on, Plain));
            Assert.DoesNotContain("Strict-Transport-Security", await PlainAnswerAsync());
        }

        async Task<string> PlainAnswerAsync()
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(UnixPath));
            await client.SendAsync(Encoding.ASCII.GetBytes(Plain));
            client.Shutdown(SocketShutdown.Send);
            return await RawHttp.ReadToEndAsync(client);
        }
    }

    [Fact]
    public async Task A_request_that_is_sent_after_a_change_sees_it()
    {
        await using SslStream client = await _on.ConnectTlsAsync();
        for (int i = 1; i < 300; i++)
        {
            string path = Path.Combine(_site.Folder, "next.txt");
            await File.WriteAllTextAsync(path, new string((char)('a' + i % 26), i));
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-2).AddSeconds(i));
            File.Move(path, Path.Combine(_site.Root, "changing.txt"), overwrite: true);

            for (int j = 0; j < 2; j++)
            {
                await client.WriteAsync("GET /changing.txt HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
                string answer = await ReadAnswerAsync(client, expected: null);
                Assert.EndsWith($"\r\n\r\n{new string((char)('a' + i % 26), i)}", answer);
            }
        }
    }

    [Fact]
    public async Task A_client_that_has_sent_a_close_notify_gets_its_answers()
    {
        string expected = await AnswerAsync(_off, Plain);
        for (int i = 0; i < 3; i++)
        {
            await using SslStream client = await _on.ConnectTlsAsync();
            await client.WriteAsync(Encoding.ASCII.GetBytes(Plain + Plain));
            await client.ShutdownAsync();

            Assert.Equal(expected + expected, await ReadToEndAsync(client));
        }
    }

    [Fact]
    public async Task An_idle_connection_is_closed_with_a_close_notify()
    {
        await using SslStream client = await _on.ConnectTlsAsync();
        for (int i = 0; i < 3; i++)
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes(Plain));
            await ReadAnswerAsync(client, expected: null);
        }

        // Without one it would throw.
        Assert.Equal("", await ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_server_that_stops_ends_an_idle_connection()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{_site.Root} {Arguments}");
        await using SslStream client = await server.ConnectTlsAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes(Plain));
            await ReadAnswerAsync(client, expected: null);
        }

        Task stopped = server.DisposeAsync().AsTask();
        Assert.Equal("", await ReadToEndAsync(client));
        await stopped.WaitAsync(WaitTimeout);
    }

    private async Task AssertSameAsync(string request)
    {
        string expected = await AnswerAsync(_off, request);
        for (int i = 0; i < 2; i++) Assert.Equal((request, expected), (request, await AnswerAsync(_on, request)));
    }

    // The client that has ended its side still wants its answers. A close_notify would meet a reset where the server has closed the connection already.
    private static async Task<string> AnswerAsync(InProcessServer server, string request)
    {
        using Socket connection = await server.ConnectAsync();
        await using SslStream client = await InProcessServer.BeginTlsAsync(connection);
        await client.WriteAsync(Encoding.Latin1.GetBytes(request));
        connection.Shutdown(SocketShutdown.Send);
        return await ReadToEndAsync(client);
    }

    private static async Task<string> ReadToEndAsync(SslStream client)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var reader = new StreamReader(client, Encoding.Latin1, leaveOpen: true);
        return BothPaths.WithoutDate(await reader.ReadToEndAsync(limit.Token));
    }

    // Up to the end of the body that Content-Length promises.
    private static async Task<string> ReadAnswerAsync(SslStream client, string? expected)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        var text = new StringBuilder();
        byte[] buffer = new byte[8192];
        while (true)
        {
            int read = await client.ReadAsync(buffer, limit.Token);
            Assert.NotEqual(0, read);
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            string answer = text.ToString();
            int body = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            if (body < 4) continue;
            string length = answer.Split("Content-Length: ")[1].Split('\r')[0];
            if (answer.Length < body + int.Parse(length, CultureInfo.InvariantCulture)) continue;
            if (expected is not null) Assert.Equal(expected, BothPaths.WithoutDate(answer));
            return answer;
        }
    }
}
