using System.Net.Sockets;
using System.Text;
using Rcomm.Tests.Site;

namespace Rcomm.Tests.Server;

/// <summary>Requests that servers in a row might read differently, which is how requests are smuggled past one of them.</summary>
public sealed class MalformedRequestTests(ServedSite served) : IClassFixture<ServedSite>
{
    private const string Smuggled = "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n";

    public static TheoryData<string> Refused =>
    [
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 5\r\n\r\nabcde",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
        "GET /a\rb HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
        "GET / http/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n: x\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x, y\r\n\r\n",
        "\x16\x03\x01\x02\0\x01\0\x01",
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_can_be_read_in_two_ways_is_refused(string request)
    {
        string answer = await served.Server.RawAsync(request + Smuggled);

        Assert.Matches(@"^HTTP/1\.1 (400|501|505) ", answer);
        Assert.DoesNotContain("color: teal", answer);
    }

    [Fact]
    public async Task With_both_lengths_the_chunks_count_and_the_connection_ends_nothing_else()
    {
        // RFC 9112, section 6.3: Transfer-Encoding overrides Content-Length.
        string answer = await served.Server.RawAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n" + Smuggled);

        Assert.Matches(@"^HTTP/1\.1 (400|405) ", answer);
        Assert.DoesNotContain("color: teal", answer);
    }

    [Fact]
    public async Task A_chunk_longer_than_it_says_ends_the_connection()
    {
        string answer = await served.Server.RawAsync("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcdef\r\n0\r\n\r\n" + Smuggled);

        Assert.DoesNotContain("color: teal", answer);
    }

    [Fact]
    public async Task Requests_in_a_row_are_answered_in_their_order()
    {
        string answer = await served.Server.RawAsync(
            "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\nGET /howdy HTTP/1.1\r\nHost: x\r\n\r\nGET /missing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        int first = answer.IndexOf("color: teal", StringComparison.Ordinal), second = answer.IndexOf("<h1>howdy</h1>", StringComparison.Ordinal), third = answer.IndexOf("<h1>nothing here</h1>", StringComparison.Ordinal);
        Assert.True(0 < first && first < second && second < third);
    }

    [Fact]
    public async Task A_request_that_comes_byte_by_byte_is_answered()
    {
        using Socket socket = await served.Server.ConnectAsync();
        foreach (byte one in Encoding.ASCII.GetBytes("GET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")) await socket.SendAsync(new[] { one });

        Assert.EndsWith("color: teal }", await RawHttp.ReadToEndAsync(socket));
    }
}
