using Rcomm.Burst.Results;

namespace Rcomm.Burst.Tests;

public sealed class ScheduleTests
{
    [Fact]
    public async Task A_server_that_stalls_shows_in_the_latencies_of_all_that_were_due_meanwhile()
    {
        const int Connections = 200;
        const double PerSecond = 500;
        var stall = TimeSpan.FromMilliseconds(300);
        bool stalled = false;
        using TestServer server = TestServer.Start(client =>
        {
            if (!stalled) Thread.Sleep(stall);
            stalled = true;
            TestServer.Answer(TestServer.Ok)(client);
        });

        BurstResult result = await Bursts.RunAsync(server.Url, Connections, plan => plan with { Schedule = BurstSchedule.Rate(PerSecond) });

        result.AllWere(ConnectionOutcome.Answered);
        long first = result.Connections[0].MeantUs;
        Assert.Equal(Enumerable.Range(0, Connections).Select(index => first + (long)(index * 1e6 / PerSecond)),
            result.Connections.Select(record => record.MeantUs));
        // A generator that waits for the server would open none of these during the pause, and measure none of the wait.
        // The server may accept before this side learns that it is connected, but never before the connection is opened.
        long endOfStall = result.Connections[0].OpenedUs!.Value + (long)stall.TotalMicroseconds;
        List<ConnectionRecord> due = [.. result.Connections.Where(record => record.MeantUs < endOfStall)];
        Assert.InRange(due.Count, (int)(stall.TotalSeconds * PerSecond), Connections);
        Assert.All(due, record => Assert.InRange(record.FirstByteUs!.Value, endOfStall, long.MaxValue));
        Assert.InRange(due.Count(record => record.OpenedUs < endOfStall), due.Count / 2, due.Count);
        Assert.InRange(result.Summary.FirstByte!.P50Ms, 50, double.MaxValue);
    }

    [Fact]
    public async Task A_ramp_spreads_the_connections_evenly_and_rounds_follow_each_other()
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));

        BurstResult result =
            await Bursts.RunAsync(server.Url, 100, plan => plan with { Schedule = BurstSchedule.Ramp(TimeSpan.FromMilliseconds(50)), Rounds = 2 });

        result.AllWere(ConnectionOutcome.Answered);
        foreach (IGrouping<int, ConnectionRecord> round in result.Connections.GroupBy(record => record.Round))
        {
            long start = round.First().MeantUs;
            Assert.Equal(Enumerable.Range(0, 100).Select(index => start + index * 500L), round.Select(record => record.MeantUs));
        }
        Assert.InRange(result.Connections[100].MeantUs, result.Connections.Take(100).Max(record => record.EndedUs!.Value), long.MaxValue);
    }

    [Fact]
    public async Task All_at_once_are_meant_for_the_same_instant()
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));

        BurstResult result = await Bursts.RunAsync(server.Url, 100);

        Assert.Single(result.Connections.Select(record => record.MeantUs).Distinct());
    }

    [Fact]
    public async Task Steps_follow_each_other_and_are_counted_apart()
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));
        BurstSchedule schedule = BurstSchedule.Steps([100, 200, 400], TimeSpan.FromMilliseconds(100));

        BurstResult result = await Bursts.RunAsync(server.Url, schedule.Connections!.Value, plan => plan with { Schedule = schedule });

        result.AllWere(ConnectionOutcome.Answered);
        long start = result.Connections[0].MeantUs;
        Assert.Equal([(1, 0L, 10), (2, 100_000L, 20), (3, 200_000L, 40)],
            result.Summary.Parts!.Select(part => (part.Part, part.StartUs - start, part.Connections)));
        Assert.All(result.Summary.Parts!, part => Assert.Equal((part.Connections, 0), (part.Answered, part.Retried)));
        Assert.Equal(2500, result.Connections[^1].MeantUs - result.Connections[^2].MeantUs);
    }

    [Fact]
    public void A_train_may_have_as_many_connections_as_all_rounds_together()
    {
        Assert.Equal(400_000, BurstSchedule.Train(200, 2000, TimeSpan.FromMilliseconds(50)).Connections);
        Assert.Throws<BurstException>(() => BurstSchedule.Train(501, 2000, TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public async Task A_train_opens_each_of_its_bursts_in_one_instant()
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));
        BurstSchedule schedule = BurstSchedule.Train(4, 25, TimeSpan.FromMilliseconds(30));

        BurstResult result = await Bursts.RunAsync(server.Url, 100, plan => plan with { Schedule = schedule });

        long start = result.Connections[0].MeantUs;
        Assert.Equal(Enumerable.Range(0, 100).Select(index => start + index / 25 * 30_000L), result.Connections.Select(record => record.MeantUs));
        Assert.Equal(Enumerable.Repeat(25, 4), result.Summary.Parts!.Select(part => part.Connections));
    }

    [Fact]
    public async Task A_run_begins_at_the_instant_asked_for()
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));
        DateTimeOffset instant = DateTimeOffset.UtcNow.AddSeconds(3);

        BurstResult result = await Bursts.RunAsync(server.Url, 20, plan => plan with { StartAt = instant });

        result.AllWere(ConnectionOutcome.Answered);
        // The clock starts here, and no connection was opened before.
        Assert.Equal(instant, result.StartedAt);
        Assert.All(result.Connections, record => Assert.Equal(0, record.MeantUs));
        Assert.All(result.Connections, record => Assert.InRange(record.OpenedUs!.Value, 0, long.MaxValue));
    }

    [Fact]
    public async Task A_stop_gives_the_report_so_far()
    {
        TestServer server = null!;
        using (server = TestServer.Start(client => server.Keep(client)))
        {
            using var stop = new CancellationTokenSource();
            BurstResult result = await Bursts.RunAsync(server.Url, 100, progress: new Bursts.Follow(progress =>
            {
                if (progress.Opened == 100) stop.Cancel();
            }), cancellation: stop.Token);

            Assert.True(result.Interrupted);
            result.AllWere(ConnectionOutcome.Unfinished);
            Assert.All(result.Connections, record => Assert.NotNull(record.OpenedUs));
        }
    }

    [Fact]
    public async Task Connections_whose_turn_never_came_are_unfinished_and_were_never_opened()
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));
        using var stop = new CancellationTokenSource();
        BurstResult result = await Bursts.RunAsync(server.Url, 100, plan => plan with { Schedule = BurstSchedule.Rate(1) }, new Bursts.Follow(progress =>
        {
            if (progress.Finished > 0) stop.Cancel();
        }), stop.Token);

        Assert.True(result.Interrupted);
        Assert.InRange(result.Summary.Count(ConnectionOutcome.Answered), 1, 99);
        Assert.All(result.Connections, record => Assert.Equal(record.Outcome == ConnectionOutcome.Unfinished, record.EndedUs is null));
        Assert.InRange(result.Connections.Count(record => record.OpenedUs is null), 1, 99);
    }
}
