using System.Net;
using System.Net.Sockets;
using Rcomm.Burst.Results;

namespace Rcomm.Burst.Tests;

/// <summary>The outcomes reported for connections, depending on what the server does.</summary>
public sealed class OutcomeTests
{
    private const int Some = 50;
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Every_connection_that_a_server_answers_is_answered()
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));

        BurstResult result = await Bursts.RunAsync(server.Url, 500);

        result.AllWere(ConnectionOutcome.Answered);
        Assert.False(result.Interrupted);
        Assert.All(result.Connections, record => Assert.Equal(200, record.Status));
        Assert.All(result.Connections, record => Assert.NotNull(record.FirstByteUs));
        Assert.Equal(500, result.Summary.FirstByte!.Count);
        Assert.Equal(500, server.Clients.Count);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_refuses()
    {
        using Socket bound = TestServer.Bound(new IPEndPoint(IPAddress.Loopback, 0));

        BurstResult result = await Bursts.RunAsync($"http://{bound.LocalEndPoint}/", Some);

        result.AllWere(ConnectionOutcome.Refused);
        Assert.All(result.Connections, record => Assert.Null(record.ConnectedUs));
    }

    [Fact]
    public async Task A_reset_after_the_handshake_is_no_refusal()
    {
        using TestServer server = TestServer.Start(TestServer.Reset);

        BurstResult result = await Bursts.RunAsync(server.Url, Some);

        result.AllWere(ConnectionOutcome.Reset);
        Assert.All(result.Connections, record => Assert.NotNull(record.ConnectedUs));
    }

    [Fact]
    public async Task Connections_in_the_listen_queue_of_a_server_that_ends_are_reset()
    {
        using TestServer server = TestServer.Listening(backlog: 100);

        BurstResult result = await Bursts.RunAsync(server.Url, Some, progress: new Bursts.Follow(progress =>
        {
            if (progress.Opened == Some) server.Dispose();
        }));

        result.AllWere(ConnectionOutcome.Reset);
    }

    [Fact]
    public async Task A_server_that_lets_clients_in_and_never_answers_keeps_them_waiting()
    {
        TestServer server = null!;
        using (server = TestServer.Start(client => server.Keep(client)))
        {
            BurstResult result = await Bursts.RunAsync(server.Url, Some, plan => plan with { Timeout = Short });

            result.AllWere(ConnectionOutcome.TimedOutWaiting);
            Assert.Null(result.Summary.FirstByte);
            Assert.All(result.Connections, record => Assert.InRange(record.EndedUs!.Value - record.OpenedUs!.Value, Short.TotalMicroseconds, long.MaxValue));
        }
    }

    [Theory]
    [InlineData(ConnectionOutcome.ClosedWithoutAnswer)]
    [InlineData(ConnectionOutcome.Answered, "HTTP/1.1 200 OK\r\n\r\nuntil the end")]
    [InlineData(ConnectionOutcome.Answered, "HTTP/1.1 200 OK\r\n", "Content-Length: 4\r\n\r\n", "bo", "dy")]
    [InlineData(ConnectionOutcome.Answered, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "4\r\nbo", "dy\r\n0\r\n", "\r\n")]
    [InlineData(ConnectionOutcome.Answered, "HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData(ConnectionOutcome.Answered, "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n")]
    [InlineData(ConnectionOutcome.WrongStatus, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(ConnectionOutcome.WrongStatus, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")]
    [InlineData(ConnectionOutcome.BadAnswer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbod")]
    [InlineData(ConnectionOutcome.BadAnswer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n")]
    [InlineData(ConnectionOutcome.BadAnswer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData(ConnectionOutcome.BadAnswer, "HTTP/1.1 200")]
    [InlineData(ConnectionOutcome.BadAnswer, "SSH-2.0-OpenSSH_10.0\r\n")]
    public async Task An_answer_is_judged_by_what_it_holds(ConnectionOutcome outcome, params string[] pieces)
    {
        using TestServer server = TestServer.Start(TestServer.Answer(pieces));

        (await Bursts.RunAsync(server.Url, Some)).AllWere(outcome);
    }

    [Fact]
    public async Task Held_connections_stay_open_after_their_answer()
    {
        TestServer server = null!;
        using (server = TestServer.Start(client =>
        {
            TestServer.Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(client);
            server.Keep(client);
        }))
        {
            BurstResult result = await Bursts.RunAsync(server.Url, Some, plan => plan with { Hold = Short });

            result.AllWere(ConnectionOutcome.Answered);
            Assert.InRange(result.DurationMs, Short.TotalMilliseconds, double.MaxValue);
            Assert.InRange(result.Summary.End!.MaxMs, 0, result.DurationMs - Short.TotalMilliseconds);
        }
    }

    [Fact]
    public async Task Connect_only_sends_nothing()
    {
        using TestServer server = TestServer.Listening(backlog: 100);

        BurstResult result = await Bursts.RunAsync(server.Url, Some, plan => plan with { ConnectOnly = true });

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Null(result.Summary.FirstByte);
        Assert.Equal(Some, result.Summary.Connect!.Count);
    }
}
