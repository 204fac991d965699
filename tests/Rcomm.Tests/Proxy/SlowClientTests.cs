using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.Tests.Proxy;

/// <summary>A slow client doesn't block the turns of others.</summary>
public sealed class SlowClientTests
{
    private const int Large = 20_000_000;

    [Fact]
    public async Task Slow_uploads_do_not_keep_others_from_the_upstream()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-connections=2", "min-rate=0");
        Socket[] slow = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.ConnectAsync()));
        foreach (Socket one in slow) await one.SendAsync("POST /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nab"u8.ToArray());

        Assert.StartsWith("HTTP/1.1 200 ", await server.GetAsync("/quick"));

        Assert.StartsWith("GET /quick ", Assert.Single(upstream.Requests));
        foreach (Socket one in slow)
        {
            await one.SendAsync("cd"u8.ToArray());
            Assert.StartsWith("HTTP/1.1 200 ", await ProxyServer.ReadToEndAsync(one));
            one.Dispose();
        }
        Assert.Equal(4, upstream.Requests.Count(request => request.EndsWith("abcd", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Slow_readers_do_not_keep_others_from_the_upstream()
    {
        byte[] large = new byte[Large];
        new Random(7).NextBytes(large);
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                bool isLarge = request.StartsWith("GET /large", StringComparison.Ordinal);
                await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {(isLarge ? Large : 2)}\r\n\r\n{(isLarge ? "" : "ok")}");
                if (isLarge) await connection.SendAsync(large);
            }
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-connections=2", "upstream-buffer-memory=1m",
            "min-rate=0");
        Socket[] slow = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.ConnectAsync()));
        foreach (Socket one in slow) await one.SendAsync("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());

        Assert.StartsWith("HTTP/1.1 200 ", await server.GetAsync("/quick"));

        foreach (Socket one in slow)
        {
            string answer = await ProxyServer.ReadToEndAsync(one);
            string body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
            Assert.True(body == Encoding.Latin1.GetString(large), $"{body.Length} bytes, or others than were sent");
            one.Dispose();
        }
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_its_request_at_the_upstream()
    {
        var ended = new TaskCompletionSource();
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await ProxyServer.ReadToEndAsync(connection.Socket);
            ended.SetResult();
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);
        using Socket client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await ProxyServer.UntilAsync(() => !upstream.Requests.IsEmpty);

        client.Close(0);

        await ended.Task.WaitAsync(ProxyServer.WaitTimeout);
    }

    [Fact]
    public async Task A_client_that_has_ended_its_side_gets_its_answer_however_long_that_takes()
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await Task.Delay(TimeSpan.FromSeconds(2), connection.Stop);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);
        using Socket client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);

        string answer = await ProxyServer.ReadToEndAsync(client);

        Assert.EndsWith("\r\n\r\nok", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_has_ended_its_side_of_a_TLS_connection_gets_its_answer_too()
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await Task.Delay(TimeSpan.FromSeconds(2), connection.Stop);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        using var certificate = new TestCertificate();
        await using ProxyServer server = await ProxyServer.StartAsync(
            upstream.Url, $"tls-certificate={certificate.CertificateFile}", $"tls-key={certificate.KeyFile}");
        using Socket client = await server.ConnectAsync();
        await using var tls = new SslStream(
            new NetworkStream(client), false, (_, sent, _, _) => sent?.GetCertHashString() == certificate.Certificate.Thumbprint);
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await tls.ShutdownAsync();
        client.Shutdown(SocketShutdown.Send);

        using var reader = new StreamReader(tls);
        string answer = await reader.ReadToEndAsync().WaitAsync(ProxyServer.WaitTimeout);

        Assert.EndsWith("\r\n\r\nok", answer, StringComparison.Ordinal);
    }
}
