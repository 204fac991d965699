using System.Net.Sockets;

namespace Rcomm.Tests.Proxy;

/// <summary>How often a request is sent, counted at the upstream (RFC 9110, section 9.2.2).</summary>
public sealed class RetryTests
{
    [Theory]
    [InlineData("POST", "", 1)]
    [InlineData("POST", "Content-Length: 0\r\n", 1)]
    [InlineData("PATCH", "", 1)]
    [InlineData("PROPPATCH", "", 1)]
    [InlineData("get", "", 1)]
    [InlineData("GET", "", 3)]
    [InlineData("HEAD", "", 3)]
    [InlineData("OPTIONS", "", 3)]
    [InlineData("PUT", "", 3)]
    [InlineData("DELETE", "", 3)]
    public async Task An_upstream_that_closes_without_an_answer_gets_a_request_as_often_as_it_may_be_sent(string method, string fields, int times)
    {
        await using RawUpstream upstream = RawUpstream.Start(connection => connection.ReadRequestAsync());
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        string answer = await server.SendAsync($"{method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fields}\r\n");

        Assert.StartsWith("HTTP/1.1 502 ", answer);
        Assert.Equal(times, upstream.Requests.Count);
    }

    [Theory]
    [InlineData("GET", 3)]
    [InlineData("POST", 1)]
    public async Task Also_on_a_connection_that_was_used_before(string method, int times)
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            if (connection.Socket.RemoteEndPoint is not null) await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            await connection.ReadRequestAsync();
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-connections=1");
        Assert.StartsWith("HTTP/1.1 200 ", await server.GetAsync("/first"));

        await server.SendAsync($"{method} /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        // The second attempt uses a new connection, on which the first request is answered.
        Assert.Equal(times == 1 ? 1 : 2, upstream.Requests.Count(request => request.Contains("/second", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_body_is_never_sent_twice()
    {
        await using RawUpstream upstream = RawUpstream.Start(connection => connection.ReadRequestAsync());
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        Assert.StartsWith("HTTP/1.1 502 ", await server.SendAsync("PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"));

        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_not_asked_for_again()
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Le");
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        Assert.StartsWith("HTTP/1.1 502 ", await server.GetAsync("/"));

        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task What_was_not_sent_goes_to_another_upstream_whatever_its_method()
    {
        await using var upstream = RawUpstream.Fine();
        using Socket dead = RawUpstream.Bind();
        await using ProxyServer server = await ProxyServer.StartAsync($"http://{dead.LocalEndPoint},{upstream.Url}");

        for (int i = 0; i < 10; i++)
            Assert.StartsWith("HTTP/1.1 200 ", await server.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"));

        Assert.Equal(10, upstream.Requests.Count);
        Assert.All(upstream.Requests, request => Assert.EndsWith("\r\n\r\nhi", request));
    }

    [Fact]
    public async Task An_upstream_that_is_back_is_up_without_a_request()
    {
        using Socket bound = RawUpstream.Bind();
        await using ProxyServer server = await ProxyServer.StartAsync($"http://{bound.LocalEndPoint}");
        Assert.StartsWith("HTTP/1.1 502 ", await server.GetAsync("/"));
        Assert.False(server.Proxy.Status.Single().IsReady);

        await using var upstream = RawUpstream.Fine(bound);

        await ProxyServer.UntilAsync(() => server.Proxy.Status.Single().IsReady);
    }
}
