using System.Net.Security;
using System.Text;
using Rcomm.Transport.FastPath;

namespace Rcomm.Tests.Server;

/// <summary>Over TLS, the fast path's responses are also byte for byte the same as Kestrel's.</summary>
public sealed class EncryptedFastPathTests : EncryptedTestBase
{
    [Fact]
    public async Task Every_request_gets_the_same_bytes_cold_and_warm()
    {
        long before = FastPathMetrics.Answered;
        foreach (string method in (string[])["GET", "HEAD"])
        foreach (string target in (string[])["/style.css", "/large.txt", "/howdy/", "/missing"])
        foreach (string headers in FastPathTests.Headers)
        {
            string body = headers.StartsWith("Transfer", StringComparison.Ordinal) ? "0\r\n\r\n" : "";
            await AssertSameAsync($"{method} {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n{body}");
        }
        Assert.True(FastPathMetrics.Answered - before > 50);
    }

    [Fact]
    public async Task Every_target_gets_the_same_bytes_also_before_and_behind_others()
    {
        foreach (string target in FastPathTests.Targets)
        {
            string request = $"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n";
            await AssertSameAsync(request);
            await AssertSameAsync(Plain + request + Plain + Plain + request + Last);
        }
    }

    [Fact]
    public async Task Malformed_requests_get_the_same_bytes_also_behind_a_plain_one()
    {
        foreach (string request in MalformedRequests.Heads.Concat(MalformedRequests.Chunks).Concat(MalformedRequests.Right).Select(row => row.Data))
            await AssertSameAsync(Plain + request + Plain);
    }

    [Fact]
    public async Task A_request_that_is_split_at_any_byte_is_answered_and_so_are_two_in_one_record()
    {
        const string both = Plain + Last;
        string expected = await AnswerAsync(_off, both);
        for (int split = 1; split < both.Length; split++)
        {
            await using SslStream client = await _on.ConnectTlsAsync();
            await client.WriteAsync(Encoding.ASCII.GetBytes(both[..split]));
            await Task.Yield();
            await client.WriteAsync(Encoding.ASCII.GetBytes(both[split..]));

            Assert.Equal((split, expected), (split, await ReadToEndAsync(client)));
        }
    }

    [Fact]
    public async Task Requests_that_come_byte_by_byte_are_answered()
    {
        await using SslStream client = await _on.ConnectTlsAsync();
        foreach (byte one in Encoding.ASCII.GetBytes(Plain + Plain + Last)) await client.WriteAsync(new[] { one });

        Assert.Equal(await AnswerAsync(_off, Plain + Plain + Last), await ReadToEndAsync(client));
    }

    [Theory]
    [InlineData("/style.css", 1000)]
    [InlineData("/large.txt", 100)]
    public async Task Many_requests_at_once_are_all_answered_in_turn(string target, int count)
    {
        string request = $"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n";
        string one = await AnswerAsync(_off, request);
        string expected = string.Concat(Enumerable.Repeat(one, count)) + await AnswerAsync(_off, Last);
        for (int i = 0; i < 2; i++)
        {
            await using SslStream client = await _on.ConnectTlsAsync();
            Task<string> read = ReadToEndAsync(client);
            await client.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, count)) + Last));

            Assert.Equal(expected, await read);
        }
    }

    private async Task AssertSameAsync(string request)
    {
        string expected = await AnswerAsync(_off, request);
        for (int i = 0; i < 2; i++) Assert.Equal((request, expected), (request, await AnswerAsync(_on, request)));
    }
}
