using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Rcomm.Burst.Results;

namespace Rcomm.Burst.Tests;

/// <summary>What a connection sends, and which responses count as answered.</summary>
public sealed class RequestTests
{
    private const int Some = 10;

    [Fact]
    public async Task The_method_the_headers_and_the_body_are_sent()
    {
        ConcurrentBag<string> requests = [];
        using TestServer server = TestServer.Start(client =>
        {
            requests.Add(ReadAll(client));
            client.Send(Encoding.Latin1.GetBytes(TestServer.Ok));
        });
        BurstRequest request = new()
        {
            Method = "PUT",
            Headers = [BurstRequest.ParseHeader("X-One: 1"), BurstRequest.ParseHeader("host:  example.com ")],
            Body = "the body"u8.ToArray(),
        };

        (await Bursts.RunAsync(server.Url + "place", Some, plan => plan with { Request = request })).AllWere(ConnectionOutcome.Answered);

        Assert.Equal(Some, requests.Count);
        Assert.All(requests, text => Assert.Equal(
            "PUT /place HTTP/1.1\r\nUser-Agent: rcomm-burst\r\nAccept: */*\r\nX-One: 1\r\nhost: example.com\r\nContent-Length: 8\r\nConnection: "
                + "close\r\n\r\nthe body", text));
    }

    [Fact]
    public async Task A_large_body_arrives_whole()
    {
        const int Length = 3 * 1024 * 1024;
        ConcurrentBag<int> lengths = [];
        using TestServer server = TestServer.Start(client =>
        {
            byte[] buffer = new byte[64 * 1024];
            int length = 0, read;
            while (length < Length && (read = client.Receive(buffer)) > 0) length += read;
            lengths.Add(length);
            client.Send(Encoding.Latin1.GetBytes(TestServer.Ok));
        });

        (await Bursts.RunAsync(server.Url, 3, plan => plan with { Request = new() { Method = "POST", Body = new byte[Length] } }))
            .AllWere(ConnectionOutcome.Answered);

        Assert.All(lengths, length => Assert.InRange(length, Length, Length + 1024));
    }

    [Fact]
    public async Task An_answer_to_HEAD_ends_with_its_head()
    {
        using TestServer server = TestServer.Start(TestServer.Answer("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"));

        (await Bursts.RunAsync(server.Url, Some, plan => plan with { Request = new() { Method = "HEAD" } })).AllWere(ConnectionOutcome.Answered);
    }

    [Theory]
    [InlineData("200-299", 200, ConnectionOutcome.Answered)]
    [InlineData("200-299", 302, ConnectionOutcome.WrongStatus)]
    [InlineData("204,404", 404, ConnectionOutcome.Answered)]
    public async Task Only_the_expected_statuses_count_as_answered(string expected, int status, ConnectionOutcome outcome)
    {
        using TestServer server = TestServer.Start(TestServer.Answer($"HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n"));

        BurstResult result = await Bursts.RunAsync(server.Url, Some, plan => plan with { Request = new() { Expected = StatusRanges.Parse(expected) } });

        result.AllWere(outcome);
        Assert.Equal([new StatusCount(status, Some)], result.Summary.Statuses);
        Assert.Equal(expected, result.Parameters.Expected);
    }

    [Theory]
    [InlineData("200-")]
    [InlineData("299-200")]
    [InlineData("20")]
    [InlineData("200,")]
    [InlineData("two hundred")]
    public void A_text_that_is_not_a_list_of_statuses_is_refused(string text) =>
        Assert.Equal(BurstFailure.BadPlan, Assert.Throws<BurstException>(() => StatusRanges.Parse(text)).Failure);

    [Theory]
    [InlineData("no colon")]
    [InlineData(": value")]
    [InlineData("Two Words: value")]
    [InlineData("X-Split: a\r\nX-Other: b")]
    [InlineData("X-Bell: \a")]
    [InlineData("Content-Length: 5")]
    [InlineData("connection: keep-alive")]
    public void A_text_that_is_not_a_header_to_send_is_refused(string text) =>
        Assert.Equal(BurstFailure.BadPlan, Assert.Throws<BurstException>(() => BurstRequest.ParseHeader(text)).Failure);

    private static string ReadAll(Socket client)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!text.ToString().EndsWith("the body", StringComparison.Ordinal) && client.Receive(buffer) is > 0 and var read)
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        return text.ToString();
    }
}
