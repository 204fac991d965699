namespace Rcomm.Tests.Proxy;

public sealed class BodyForwardingTests : ForwardingTestBase
{
    [Fact]
    public async Task A_body_arrives_whole_with_its_length()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        await server.SendAsync("POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");

        Assert.Equal(["Content-Length: 11"], RawUpstream.Fields(upstream.Request, "Content-Length"));
        Assert.Empty(RawUpstream.Fields(upstream.Request, "Transfer-Encoding"));
        Assert.EndsWith("\r\n\r\nhello world", upstream.Request);
    }

    [Fact]
    public async Task Without_buffering_a_body_of_unknown_length_arrives_in_chunks()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-buffering=off");

        await server.SendAsync("POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");

        Assert.Equal(["Transfer-Encoding: chunked"], RawUpstream.Fields(upstream.Request, "Transfer-Encoding"));
        Assert.EndsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n", upstream.Request);
    }

    [Fact]
    public async Task A_large_body_arrives_whole_through_memory_and_file()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-buffer-memory=32k");
        string body = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i:D6}\n"));

        Assert.StartsWith(Fine, await server.SendAsync($"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

        Assert.EndsWith("\r\n\r\n" + body, upstream.Request);
    }
}
