using System.Net.Sockets;

namespace Rcomm.Tests.Proxy;

/// <summary>WebSockets and event streams.</summary>
public sealed class TunnelTests
{
    private const string Switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\nX-Seen: yes\r\n\r\n";

    // Long enough for an upstream on a busy machine to start its response, and shorter than the silence that follows.
    private const string UpstreamTimeout = "upstream-timeout=3s";
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(4);

    private static readonly byte[] Asked = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task Bytes_pass_in_both_directions_however_long_it_is_quiet()
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Switched + "first");
            while (await connection.ReadAsync() is { Length: > 0 } read) await connection.SendAsync(read.ToUpperInvariant());
            await connection.SendAsync("last");
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, UpstreamTimeout);
        using Socket client = await server.ConnectAsync();
        await client.SendAsync(Asked);

        string head = await ProxyServer.ReadUntilAsync(client, "first");
        await Task.Delay(Quiet, TestContext.Current.CancellationToken);
        await client.SendAsync("hello"u8.ToArray());
        await ProxyServer.ReadUntilAsync(client, "HELLO");
        client.Shutdown(SocketShutdown.Send);
        string end = await ProxyServer.ReadToEndAsync(client);

        Assert.StartsWith("HTTP/1.1 101 ", head);
        Assert.Contains("\r\nUpgrade: echo\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Seen: yes\r\n", head, StringComparison.Ordinal);
        Assert.Equal(["Upgrade: echo"], RawUpstream.Fields(upstream.Request, "Upgrade"));
        Assert.Equal(["Connection: Upgrade"], RawUpstream.Fields(upstream.Request, "Connection"));
        Assert.Equal("last", end);
    }

    [Fact]
    public async Task A_quiet_one_ends_after_the_time_that_was_set()
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Switched);
            await connection.ReadAsync();
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-stream-timeout=300ms");
        using Socket client = await server.ConnectAsync();
        await client.SendAsync(Asked);

        Assert.StartsWith("HTTP/1.1 101 ", await ProxyServer.ReadToEndAsync(client));

        Assert.DoesNotContain(server.Log, line => line.StartsWith("upstream ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("h2c")]
    [InlineData("H2C, websocket")]
    public async Task An_upgrade_to_HTTP_2_is_not_forwarded(string protocol)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        await server.SendAsync($"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: {protocol}\r\nConnection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: " +
            "AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");

        Assert.Empty(RawUpstream.Fields(upstream.Request, "Upgrade"));
        Assert.Empty(RawUpstream.Fields(upstream.Request, "HTTP2-Settings"));
    }

    [Fact]
    public async Task A_quiet_event_stream_goes_on_and_its_events_come_at_once()
    {
        var next = new TaskCompletionSource();
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
            await next.Task;
            await connection.SendAsync("data: 1\n\n");
            await Task.Delay(Quiet, connection.Stop);
            await connection.SendAsync("data: 2\n\n");
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, UpstreamTimeout, "upstream-connections=1");
        using Socket client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());

        await ProxyServer.ReadUntilAsync(client, "\r\n\r\n");
        // It has released its turn.
        using Socket other = await server.ConnectAsync();
        await other.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        await ProxyServer.ReadUntilAsync(other, "\r\n\r\n");
        next.SetResult();
        await ProxyServer.ReadUntilAsync(client, "data: 1\n\n");

        Assert.Contains("data: 2\n\n", await ProxyServer.ReadToEndAsync(client), StringComparison.Ordinal);
    }
}
