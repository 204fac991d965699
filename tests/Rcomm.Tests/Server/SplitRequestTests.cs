using System.Text;
using System.Text.RegularExpressions;

namespace Rcomm.Tests.Server;

/// <summary>TCP may split a request anywhere; the response is always the same.</summary>
public sealed partial class SplitRequestTests(MemoryServer server) : IClassFixture<MemoryServer>
{
    private const string Next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n";

    public static TheoryData<string> Absolute =>
    [
        "GET HTTP://OTHER:80/a?b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET hTtPs://other/a HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://Other HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a HTTP/1.3\r\nHost: x\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(MalformedRequests.Heads), MemberType = typeof(MalformedRequests))]
    [MemberData(nameof(MalformedRequests.Chunks), MemberType = typeof(MalformedRequests))]
    [MemberData(nameof(MalformedRequests.Right), MemberType = typeof(MalformedRequests))]
    [MemberData(nameof(Absolute))]
    public async Task A_request_is_answered_alike_wherever_it_is_cut(string request)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(request + Next);
        string whole = Comparable(await server.SendAsync(bytes, bytes.Length));

        Assert.NotEqual("", whole);
        for (int cut = 1; cut < bytes.Length; cut++) Assert.Equal(whole, Comparable(await server.SendAsync(bytes, cut)));
        Assert.Equal(whole, Comparable(await server.SendAsync(bytes, everyByte: true)));
    }

    // The time may change between two answers.
    private static string Comparable(string answer) => Date().Replace(answer, "");

    [GeneratedRegex(@"Date: [^\r]*\r\n")]
    private static partial Regex Date();
}
