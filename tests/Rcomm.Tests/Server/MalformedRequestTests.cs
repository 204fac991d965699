using System.Net.Sockets;
using System.Text;
using Rcomm.Tests.Site;

namespace Rcomm.Tests.Server;

/// <summary>Requests that two servers in a chain might read differently, which makes request smuggling possible.</summary>
public sealed class MalformedRequestTests(ServedSite served) : IClassFixture<ServedSite>
{
    private const string Smuggled = "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n";

    [Theory]
    [MemberData(nameof(MalformedRequests.Heads), MemberType = typeof(MalformedRequests))]
    public async Task What_can_be_read_in_two_ways_is_refused(string request)
    {
        string answer = await served.Server.RawAsync(request + Smuggled);

        Assert.Matches(@"^HTTP/1\.1 (400|501|505) ", answer);
        Assert.DoesNotContain("color: teal", answer);
    }

    [Theory]
    [MemberData(nameof(MalformedRequests.Chunks), MemberType = typeof(MalformedRequests))]
    public async Task A_chunk_that_is_wrong_ends_the_connection(string request)
    {
        string answer = await served.Server.RawAsync(request + Smuggled);

        Assert.Matches(@"^HTTP/1\.1 (400|405) ", answer);
        Assert.DoesNotContain("color: teal", answer);
    }

    [Theory]
    [MemberData(nameof(MalformedRequests.Right), MemberType = typeof(MalformedRequests))]
    public async Task What_is_odd_and_right_is_answered_and_so_is_what_follows(string request)
    {
        string answer = await served.Server.RawAsync(request + "GET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer);
        Assert.Contains("<h1>home</h1>HTTP/1.1 200 ", answer);
        Assert.EndsWith("color: teal }", answer);
    }

    [Theory]
    [MemberData(nameof(MalformedRequests.Heads), MemberType = typeof(MalformedRequests))]
    public async Task What_came_before_a_wrong_request_is_answered_first(string request)
    {
        string answer = await served.Server.RawAsync(Smuggled + request);

        Assert.StartsWith("HTTP/1.1 200 ", answer);
        Assert.Matches("color: teal }HTTP/1.1 (400|501|505) ", answer);
    }

    [Theory]
    [InlineData("GET / http/1.1", 400)]
    [InlineData("GET / HTTP/1", 400)]
    [InlineData("GET / HTTP/11", 400)]
    [InlineData("GET / HTTP/0.9", 505)]
    [InlineData("GET / HTTP/2.0", 505)]
    [InlineData("GET / HTTP/3.1", 505)]
    public async Task What_is_not_a_version_is_400_and_another_major_version_505(string requestLine, int status) =>
        Assert.StartsWith($"HTTP/1.1 {status} ", await served.Server.RawAsync($"{requestLine}\r\nHost: x\r\n\r\n"));

    [Fact]
    public async Task A_method_without_an_end_is_400_before_it_is_as_long_as_a_line_may_be() =>
        Assert.StartsWith("HTTP/1.1 400 ", await served.Server.RawAsync(new string('A', 65)));

    [Theory]
    [InlineData("100-continue", 200)]
    [InlineData("100-Continue", 200)]
    [InlineData("200-ok", 417)]
    [InlineData("100-continue, x", 417)]
    public async Task An_expectation_that_is_not_defined_is_417(string expectation, int status) =>
        Assert.StartsWith($"HTTP/1.1 {status} ",
            await served.Server.RawAsync($"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: {expectation}\r\n\r\n"));

    [Theory]
    [InlineData("*")]
    [InlineData("http://x")]
    public async Task What_the_server_can_do_is_told_without_a_rule_or_a_file(string target)
    {
        string answer = await served.Server.RawAsync($"OPTIONS {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 204 ", answer);
        Assert.Contains("Allow: GET, HEAD, OPTIONS\r\n", answer);
    }

    [Fact]
    public async Task A_wrong_request_that_comes_byte_by_byte_is_refused()
    {
        using Socket socket = await served.Server.ConnectAsync();
        socket.NoDelay = true;
        foreach (byte one in Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd" + Smuggled))
            await TrySendAsync(socket, one);

        Assert.StartsWith("HTTP/1.1 400 ", await RawHttp.ReadToEndAsync(socket, orReset: true));
    }

    [Fact]
    public async Task Requests_in_a_row_are_answered_in_their_order()
    {
        string answer = await served.Server.RawAsync(
            "GET /style.css HTTP/1.1\r\nHost: x\r\n\r\nGET /howdy HTTP/1.1\r\nHost: x\r\n\r\nGET /missing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        int first = answer.IndexOf("color: teal", StringComparison.Ordinal), second = answer.IndexOf("<h1>howdy</h1>", StringComparison.Ordinal),
        third = answer.IndexOf("<h1>nothing here</h1>", StringComparison.Ordinal);
        Assert.True(0 < first && first < second && second < third);
    }

    [Theory]
    [InlineData("GET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n")]
    public async Task A_request_that_comes_byte_by_byte_is_answered(string request)
    {
        using Socket socket = await served.Server.ConnectAsync();
        socket.NoDelay = true;
        foreach (byte one in Encoding.ASCII.GetBytes(request)) await TrySendAsync(socket, one);

        Assert.EndsWith("color: teal }", await RawHttp.ReadToEndAsync(socket));
    }

    private static async Task TrySendAsync(Socket socket, byte one)
    {
        try
        {
            await socket.SendAsync(new[] { one });
        }
        catch (SocketException)
        {
            // It has already been refused.
        }
    }
}
