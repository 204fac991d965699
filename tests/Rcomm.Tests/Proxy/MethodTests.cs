namespace Rcomm.Tests.Proxy;

/// <summary>Methods that a proxy handles itself (RFC 9110, sections 7.6.2, 9.3.6 to 9.3.8).</summary>
public sealed class MethodTests
{
    [Theory]
    [InlineData("TRACE / HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n")]
    public async Task CONNECT_and_TRACE_are_405_at_once(string request)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        string answer = await server.SendAsync(request + "Connection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 405 ", answer);
        Assert.Contains("\r\nAllow: GET, HEAD, ", answer, StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task TRACE_is_forwarded_where_that_is_asked_for()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-trace=on");

        await server.SendAsync("TRACE /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nMax-Forwards: 3\r\n\r\n");
        string own = await server.SendAsync("TRACE /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: secret\r\nX-Seen: yes\r\nMax-Forwards: 0\r\n\r\n");

        Assert.StartsWith("TRACE /a HTTP/1.1\r\n", upstream.Request);
        Assert.Equal(["Max-Forwards: 2"], RawUpstream.Fields(upstream.Request, "Max-Forwards"));
        Assert.Contains("\r\nContent-Type: message/http\r\n", own, StringComparison.Ordinal);
        Assert.Contains("X-Seen: yes", own, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", own, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("http://x")]
    public async Task OPTIONS_for_the_server_stays_so_and_has_one_hop_less(string target)
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url + "/base");

        Assert.StartsWith("HTTP/1.1 200 ", await server.SendAsync($"OPTIONS {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nMax-Forwards: 1\r\n\r\n"));

        Assert.StartsWith("OPTIONS * HTTP/1.1\r\n", upstream.Request);
        Assert.Equal(["Max-Forwards: 0"], RawUpstream.Fields(upstream.Request, "Max-Forwards"));
    }

    [Fact]
    public async Task OPTIONS_without_hops_left_is_answered_here()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        string answer = await server.SendAsync("OPTIONS / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nMax-Forwards: 0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer);
        Assert.Contains("\r\nAllow: ", answer, StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Max_Forwards_of_other_methods_means_nothing()
    {
        await using var upstream = RawUpstream.Fine();
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        await server.GetAsync("/", "Max-Forwards: 0\r\n");

        Assert.Equal(["Max-Forwards: 0"], RawUpstream.Fields(upstream.Request, "Max-Forwards"));
    }
}
