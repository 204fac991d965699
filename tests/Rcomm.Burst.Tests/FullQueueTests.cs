using Rcomm.Burst.Results;

namespace Rcomm.Burst.Tests;

/// <summary>A listen queue of 5 holds 6; further connections are dropped and retry after a second.</summary>
public sealed class FullQueueTests
{
    private const int Backlog = 5;
    private const int Held = Backlog + 1;
    private const int Burst = 20;

    [Fact]
    public async Task Handshakes_that_a_full_queue_drops_are_sent_again_and_never_get_in()
    {
        using TestServer server = TestServer.Listening(Backlog);

        // One thread: with two, simultaneous handshakes could both see the last free slot.
        BurstResult result = await Bursts.RunAsync(server.Url, Burst, plan => plan with { Timeout = TimeSpan.FromSeconds(1.5), Threads = 1 });

        Assert.Equal(Held, result.Summary.Count(ConnectionOutcome.TimedOutWaiting));
        Assert.Equal(Burst - Held, result.Summary.Count(ConnectionOutcome.TimedOutConnecting));
        Assert.Equal(Burst - Held, result.Summary.WaitedForRetry);
        Assert.All(result.Connections, record => Assert.Equal(record.Outcome == ConnectionOutcome.TimedOutConnecting, record.SynRetransmits > 0));
    }

    [Fact]
    public async Task Dropped_handshakes_get_in_with_their_retry_once_the_queue_has_room()
    {
        using TestServer server = TestServer.Listening(Backlog);
        bool accepts = false;
        // Two retries may arrive at the same instant and find a full queue again; the timeout leaves time for that.
        BurstResult result = await Bursts.RunAsync(server.Url, Burst, plan => plan with { Threads = 1 }, new Bursts.Follow(progress =>
        {
            if (progress.Opened < Burst || accepts) return;
            accepts = true;
            server.BeginToAccept();
        }));

        result.AllWere(ConnectionOutcome.Answered);
        Assert.Equal(Burst - Held, result.Summary.Retried);
        Assert.All(result.Connections.Where(record => record.SynRetransmits > 0), record => Assert.True(IsLong(record)));
        // On a busy machine, also those that are seen as connected a second late.
        Assert.Equal(result.Connections.Count(IsLong), result.Summary.WaitedForRetry);

        static bool IsLong(ConnectionRecord record) => (record.ConnectedUs!.Value - record.OpenedUs!.Value) / 1000.0 >= BurstSummary.RetryWaitMs;
    }
}
