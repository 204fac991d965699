using System.Net.Sockets;
using System.Text;
using Rcomm.Tests.Site;

namespace Rcomm.Tests.Server;

/// <summary>Requests that arrive in pieces or incompletely.</summary>
public sealed class HalfSentRequestTests(ServedSite served) : IClassFixture<ServedSite>
{
    private const string Plain = "GET /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    public static TheoryData<string> Requests =>
    [
        Plain,
        "HEAD /style.css HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n",
        "GET /missing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /style.css HTTP/1.0\r\nUser-Agent: x\r\n\r\n",
        "POST /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /style.css HTTP/1.1\nHost: x\n\n",
        "GET /style.css HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        "GET /style.css HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET /style.css HTTP/2.0\r\nHost: x\r\n\r\n",
        "get /style.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "\r\n" + Plain,
    ];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_that_comes_byte_by_byte_gets_the_answer_of_one_that_comes_at_once(string request)
    {
        string expected = await served.Server.RawAsync(request);
        using Socket client = await served.Server.ConnectAsync();
        client.NoDelay = true;
        Task<string> answer = RawHttp.ReadToEndAsync(client, orReset: true);

        try
        {
            foreach (byte one in Encoding.ASCII.GetBytes(request))
            {
                await client.SendAsync(new[] { one });
                await Task.Yield();
            }
        }
        catch (SocketException)
        {
            // It was refused before its end, and its connection was closed: the next byte gets a reset.
        }

        Assert.Equal(WithoutDate(expected), WithoutDate(await answer));
    }

    [Fact]
    public async Task A_head_that_is_cut_anywhere_is_answered_once_the_rest_comes()
    {
        await served.Server.RawAsync(Plain);
        string two = Plain.Replace("Connection: close\r\n", "", StringComparison.Ordinal) + Plain;
        string expected = WithoutDate(await served.Server.RawAsync(two));
        for (int cut = 1; cut < two.Length; cut++)
        {
            using Socket client = await served.Server.ConnectAsync();
            client.NoDelay = true;
            await client.SendAsync(Encoding.ASCII.GetBytes(two[..cut]));
            await Task.Yield();
            await client.SendAsync(Encoding.ASCII.GetBytes(two[cut..]));
            Assert.Equal((cut, expected), (cut, WithoutDate(await RawHttp.ReadToEndAsync(client))));
        }
    }

    [Fact]
    public async Task A_head_that_does_not_become_whole_in_time_is_answered_408()
    {
        await using InProcessServer server = await InProcessServer.ServeAsync($"{served.Site.Root} --header-timeout 1s");
        string behindAnother = Plain.Replace("Connection: close\r\n", "", StringComparison.Ordinal) + "GET / HTTP/1.1\r\n";
        string[] requests = ["G", "GET / HTTP/1.1\r\nH:", "POST / HTTP/1.1\r\nHost: x\r\n", behindAnother];

        string[] answers = await Task.WhenAll(requests.Select(server.RawAsync));

        Assert.All(answers, answer =>
            Assert.Contains("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\nDate: ", answer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_ends_its_side_within_a_head_is_answered_400()
    {
        using Socket client = await served.Server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);

        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", await RawHttp.ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_request_behind_a_plain_one_may_send_its_body_later()
    {
        using Socket client = await served.Server.ConnectAsync();
        Task<string> answers = RawHttp.ReadToEndAsync(client);
        // Kestrel sends the first response and returns the connection.
        await client.SendAsync(Encoding.ASCII.GetBytes(
            "GET /style.css?once HTTP/1.1\r\nHost: x\r\n\r\nPOST /style.css HTTP/1.1\r\nHost: x\r\nContent-Length: " +
            "3\r\nConnection: close\r\n\r\n"));
        await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        await client.SendAsync("abc"u8.ToArray());

        string all = await answers;
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", all);
        Assert.Contains("HTTP/1.1 405 ", all, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 400 ", all, StringComparison.Ordinal);
    }

    private static string WithoutDate(string answer) =>
        string.Join("\r\n", answer.Split("\r\n").Where(line => !line.StartsWith("Date: ", StringComparison.Ordinal)));
}
