using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Rcomm.Tests.Proxy;

/// <summary>Upstreams over HTTP/2.</summary>
public sealed class Http2UpstreamTests : Http2TestBase
{
    [Theory]
    [InlineData("/a%2Bb")]
    [InlineData("/%ff?a=%zz&b=%3B")]
    [InlineData("/a%2Fb;c=d//e?f=//g")]
    [InlineData("/%7Euser/%41")]
    public async Task The_target_arrives_as_it_came(string target)
    {
        await using Http2Upstream upstream = await Http2Upstream.StartAsync(context => context.Response.WriteAsync("ok"));
        await using ProxyServer server = await StartAsync(upstream);

        Assert.StartsWith("HTTP/1.1 200 ", await server.GetAsync(target));

        Assert.Equal(["GET " + target], upstream.Requests);
    }

    [Fact]
    public async Task Fields_pass_unchanged_in_both_directions()
    {
        await using Http2Upstream upstream = await Http2Upstream.StartAsync(context =>
        {
            context.Response.Headers["X-Seen"] =
                $"{context.Request.Host}|{context.Request.Headers["X-Value"]}|{context.Request.Headers["X-Forwarded-For"]}|{context.Request.Headers.Via}";
            context.Response.Headers.SetCookie = new(["a=1", "b=2"]);
            return context.Response.WriteAsync($"{context.Request.ContentType}|{context.Request.Headers.Cookie}|{context.Request.Headers["X-Hop"]}",
                Encoding.Latin1);
        });
        await using ProxyServer server = await StartAsync(upstream);

        string answer = await server.SendAsync("GET / HTTP/1.1\r\nHost: a_b:1\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-Value: " +
            "caf\xe9 \xc3\xa9\r\nCookie: x=\xe9\r\nContent-Type: odd\r\n\r\n");

        Assert.Contains("X-Seen: a_b:1|caf\xe9 \xc3\xa9|127.0.0.1|1.1 rcomm\r\n", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("odd|x=\xe9|", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    public async Task Bodies_pass_in_both_directions(string fieldsAndBody)
    {
        await using Http2Upstream upstream = await Http2Upstream.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            string body = await reader.ReadToEndAsync();
            await context.Response.WriteAsync($"{context.Request.ContentLength} {body} ");
            await context.Response.WriteAsync(new string('x', 2_000_000));
        });
        await using ProxyServer server = await StartAsync(upstream);

        string answer = await server.SendAsync($"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fieldsAndBody}");

        string body = ProxyServer.BodyOf(answer);
        Assert.StartsWith("5 hello xxx", body);
        Assert.Equal(2_000_000, body.Count(one => one == 'x'));
    }

    [Theory]
    [InlineData("HEAD", 200)]
    [InlineData("GET", 204)]
    [InlineData("GET", 304)]
    public async Task Answers_without_a_body(string method, int status)
    {
        await using Http2Upstream upstream = await Http2Upstream.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            if (method == "HEAD") context.Response.ContentLength = 7;
            return Task.CompletedTask;
        });
        await using ProxyServer server = await StartAsync(upstream);

        string answer = await server.SendAsync($"{method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status.ToString(CultureInfo.InvariantCulture)} ", answer);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(method == "HEAD", answer.Contains("Content-Length: 7", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("POST", "Content-Length: 2\r\n\r\nok", 1)]
    [InlineData("POST", "Content-Length: 0\r\n\r\n", 1)]
    [InlineData("PATCH", "\r\n", 1)]
    [InlineData("PUT", "Content-Length: 2\r\n\r\nok", 1)]
    [InlineData("GET", "\r\n", 3)]
    public async Task A_request_whose_connection_ends_is_sent_again_where_that_may_be_done(string method, string rest, int times)
    {
        await using Http2Upstream upstream = await Http2Upstream.StartAsync(context =>
        {
            context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using ProxyServer server = await StartAsync(upstream);

        string answer = await server.SendAsync($"{method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{rest}");

        Assert.StartsWith("HTTP/1.1 502 ", answer);
        Assert.Equal(times, upstream.Requests.Count);
        LogTests.HasNoTraces(server.Log);
    }

    // The connection ends before, within or after the server's settings, which come first (RFC 9113, section 3.4), or within the response.
    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("\0\0\0\x4", false)]
    [InlineData("\0\0\0\x4\0\0\0\0\0", false)]
    [InlineData("\0\0\0\x4\0\0\0\0\0", true)]
    [InlineData("\0\0\0\x4\0\0\0\0\0\0\0\x1\x1\x4", false)]
    public async Task A_request_is_sent_again_whenever_its_connection_ends_before_the_response(string sent, bool isReset)
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadAsync();
            await connection.SendAsync(sent);
            if (isReset) connection.Socket.Close(0);
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-http=2");

        Assert.StartsWith("HTTP/1.1 502 ", await server.GetAsync("/"));

        Assert.Equal(3, upstream.Connections);
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 0\r\n", "HTTP/1.1 502 ")]
    [InlineData("get / HTTP/1.1\r\n", "HTTP/1.1 501 ")]
    [InlineData("OPTIONS * HTTP/1.1\r\n", "HTTP/1.1 501 ")]
    public async Task What_is_reset_or_cannot_be_sent_is_told(string request, string expected)
    {
        await using Http2Upstream upstream = await Http2Upstream.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using ProxyServer server = await StartAsync(upstream);

        Assert.StartsWith(expected, await server.SendAsync(request + "Host: x\r\nConnection: close\r\n\r\n"));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_breaks_off_for_the_client()
    {
        await using Http2Upstream upstream = await Http2Upstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await using ProxyServer server = await StartAsync(upstream);

        Assert.DoesNotContain("\r\n0\r\n\r\n", await server.GetAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upstream_that_stays_silent_is_504_and_hears_that_nobody_waits()
    {
        var left = new TaskCompletionSource();
        await using Http2Upstream upstream = await Http2Upstream.StartAsync(async context =>
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            left.TrySetResult();
        });
        await using ProxyServer server = await StartAsync(upstream, "upstream-timeout=300ms");

        // On a busy machine, the time may be over before the first request has reached the upstream.
        do Assert.StartsWith("HTTP/1.1 504 ", await server.GetAsync("/"));
        while (upstream.Requests.IsEmpty);
        await left.Task.WaitAsync(ProxyServer.WaitTimeout, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_its_request()
    {
        var (came, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using Http2Upstream upstream = await Http2Upstream.StartAsync(async context =>
        {
            came.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            left.SetResult();
        });
        await using ProxyServer server = await StartAsync(upstream);
        using (Socket client = await server.ConnectAsync())
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            await came.Task.WaitAsync(ProxyServer.WaitTimeout, TestContext.Current.CancellationToken);
            client.Close(0);
        }

        await left.Task.WaitAsync(ProxyServer.WaitTimeout, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_WebSocket_goes_over_HTTP_1()
    {
        await using RawUpstream upstream = RawUpstream.Answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n");
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-http=2");
        using Socket client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"u8.ToArray());

        Assert.StartsWith("HTTP/1.1 101 ", await ProxyServer.ReadUntilAsync(client, "\r\n\r\n"));
    }
}
