using System.Net.Sockets;
using System.Text;

namespace Rcomm.Tests.Proxy;

/// <summary>What upstreams respond, and what the client gets (RFC 9112, sections 4 to 7).</summary>
public sealed class AnswerTests
{
    public static TheoryData<string> Invalid { get; } =
    [
        "HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 600 Odd\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "garbage\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: -0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo Token: 1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno-colon\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: empty\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\u007Fb\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: " + new string('x', 70_000) + "\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task What_is_not_valid_is_502_and_one_sentence(string answer)
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            if (await connection.ReadRequestAsync() is not null) await connection.SendAsync(answer);
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        Assert.StartsWith("HTTP/1.1 502 ", await server.GetAsync("/"));

        Assert.Single(upstream.Requests);
        LogTests.HasNoTraces(server.Log);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nhello", "hello")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "hello")]
    [InlineData("HTTP/1.1 200\r\nContent-Length : 5\r\n\r\nhello", "hello")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: " +
        "</a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello")]
    public async Task What_is_valid_arrives(string answer, string body)
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            // Byte by byte, because segment boundaries have no meaning.
            if (await connection.ReadRequestAsync() is null) return;
            foreach (char one in answer) await connection.SendAsync(one.ToString());
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        string got = await server.GetAsync("/");

        Assert.StartsWith("HTTP/1.1 200 ", got);
        Assert.Equal(body, ProxyServer.BodyOf(got));
        Assert.DoesNotContain("Link:", got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_204_has_no_length_and_a_304_keeps_it()
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
                await connection.SendAsync(request.StartsWith("GET /204", StringComparison.Ordinal)
                    ? "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
                    : "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n");
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        string none = await server.GetAsync("/204"), same = await server.GetAsync("/304");

        Assert.StartsWith("HTTP/1.1 204 ", none);
        Assert.DoesNotContain("Content-Length", none, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("HTTP/1.1 304 ", same);
        Assert.Contains("\r\nContent-Length: 5\r\n", same, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", same, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_426_keeps_its_Upgrade_and_other_fields_for_one_connection_go_no_further()
    {
        await using var upstream = RawUpstream.Answering("HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.0, HTTP/1.1\r\nConnection: Upgrade, " +
            "X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n");
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        string answer = await server.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 426 ", answer);
        Assert.Contains("\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: Upgrade\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Hop", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Keep-Alive", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_values_of_fields_are_bytes()
    {
        string utf8 = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("naïve.pdf"));
        await using var upstream = RawUpstream.Answering($"HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"{utf8}\"\r\nX-Latin: " +
            "\u00E9\u00FF\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n");
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        string answer = await server.GetAsync("/");

        Assert.Contains($"\r\nContent-Disposition: attachment; filename=\"{utf8}\"\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Latin: \u00E9\u00FF\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_follows_an_answer_is_no_answer_to_the_next_request()
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
                await connection.SendAsync(request.StartsWith("GET /first", StringComparison.Ordinal) ? "HTTP/1.1 200 OK\r\nContent-Length: " +
                    "1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine");
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-connections=1");

        Assert.EndsWith("\r\n\r\na", await server.GetAsync("/first"), StringComparison.Ordinal);

        Assert.EndsWith("\r\n\r\nfine", await server.GetAsync("/second"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n")]
    public async Task An_answer_that_breaks_off_does_so_for_the_client(string answer)
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(answer);
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);
        using Socket client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());

        // Kept alive, so that only the proxy can close the connection.
        string got = await ProxyServer.ReadToEndAsync(client);

        Assert.False(got.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) && got.EndsWith("0\r\n\r\n", StringComparison.Ordinal), got);
        LogTests.HasNoTraces(server.Log);
    }

    [Fact]
    public async Task A_HEAD_has_the_length_and_no_body()
    {
        await using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url);

        string answer = await server.SendAsync("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.Contains("\r\nContent-Length: 1000\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_may_come_before_the_body_was_sent()
    {
        await using RawUpstream upstream = RawUpstream.Start(async connection =>
        {
            await connection.ReadAsync();
            await connection.SendAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            await ProxyServer.ReadToEndAsync(connection.Socket);
        });
        await using ProxyServer server = await ProxyServer.StartAsync(upstream.Url, "upstream-buffering=off");
        using Socket client = await server.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nsome"u8.ToArray());

        Assert.StartsWith("HTTP/1.1 413 ", await ProxyServer.ReadUntilAsync(client, "\r\n\r\n"), StringComparison.Ordinal);
    }
}
