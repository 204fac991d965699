using Rcomm.Listening.Monitoring;

namespace Rcomm.Listening.Tests;

public sealed class StallWatchTests
{
    private readonly StallWatch _watch;
    private readonly List<QueueEvent> _told = [];
    private TimeSpan _now;
    private double _busyProcessors;

    public StallWatchTests() => _watch = new("127.0.0.1:1", TimeSpan.FromSeconds(2), () => _now * _busyProcessors);

    [Fact]
    public void Where_the_processors_are_busy_no_handler_is_said_to_block()
    {
        _busyProcessors = Environment.ProcessorCount;
        for (int i = 0; i < 40; i++) Tick(depth: 0, accepts: 9, served: 2);

        Assert.Equal(StallCause.ProcessorsBusy, Assert.IsType<QueueEvent.Stalled>(Assert.Single(_told)).Cause);
    }

    [Fact]
    public void An_idle_queue_is_no_stall()
    {
        for (int i = 0; i < 100; i++) Tick(depth: 0, accepts: 0, served: 0);

        Assert.Empty(_told);
    }

    [Fact]
    public void A_busy_queue_that_moves_is_no_stall()
    {
        for (int i = 0; i < 100; i++) Tick(depth: 50, accepts: i, served: i);

        Assert.Empty(_told);
    }

    [Fact]
    public void Waiting_for_two_seconds_is_told_once_and_so_is_its_end()
    {
        for (int i = 0; i < 40; i++) Tick(depth: 3, accepts: 5, served: 5);
        for (int i = 0; i < 40; i++) Tick(depth: 0, accepts: 8, served: 8);

        Assert.Equal(StallCause.Unknown, Assert.IsType<QueueEvent.Stalled>(_told[0]).Cause);
        Assert.IsType<QueueEvent.StallEnded>(_told[1]);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void Accepted_connections_that_nobody_takes_over_are_a_starved_thread_pool()
    {
        for (int i = 0; i < 40; i++) Tick(depth: 0, accepts: 9, served: 2);

        var stalled = Assert.IsType<QueueEvent.Stalled>(Assert.Single(_told));
        Assert.Equal((StallCause.ThreadPoolStarved, 7), (stalled.Cause, stalled.Waiting));
    }

    [Fact]
    public void A_thread_pool_that_takes_one_now_and_then_is_starved_too()
    {
        for (int i = 0; i < 40; i++) Tick(depth: 0, accepts: 100, served: i / 2);
        Tick(depth: 0, accepts: 100, served: 100);

        Assert.Equal(StallCause.ThreadPoolStarved, Assert.IsType<QueueEvent.Stalled>(_told[0]).Cause);
        Assert.IsType<QueueEvent.StallEnded>(_told[1]);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void A_thread_pool_that_is_always_a_little_behind_is_not_starved()
    {
        for (int i = 0; i < 100; i++) Tick(depth: 0, accepts: (i * 5) + 3, served: i * 5);

        Assert.Empty(_told);
    }

    [Fact]
    public void A_tick_that_comes_late_is_a_process_that_stood_still()
    {
        Tick(depth: 0, accepts: 0, served: 0);
        _now += TimeSpan.FromSeconds(3);
        Tick(depth: 10, accepts: 0, served: 0);

        Assert.Equal(StallCause.ProcessPaused, Assert.IsType<QueueEvent.Stalled>(Assert.Single(_told)).Cause);
    }

    [Fact]
    public void A_pause_is_told_even_where_the_accept_loop_went_on_before_the_tick()
    {
        Tick(depth: 0, accepts: 0, served: 0);
        _now += TimeSpan.FromSeconds(3);
        Tick(depth: 0, accepts: 10, served: 10, waitedLong: 4);
        Tick(depth: 0, accepts: 10, served: 10);

        var stalled = Assert.IsType<QueueEvent.Stalled>(_told[0]);
        Assert.Equal((StallCause.ProcessPaused, 4), (stalled.Cause, stalled.Waiting));
        Assert.IsType<QueueEvent.StallEnded>(_told[1]);
    }

    [Fact]
    public void A_process_that_runs_again_and_still_makes_no_progress_stalls_for_another_cause()
    {
        Tick(depth: 0, accepts: 3, served: 3);
        _now += TimeSpan.FromSeconds(3);
        for (int i = 0; i < 40; i++) Tick(depth: 7, accepts: 3, served: 3, StallCause.ConnectionLimit);
        Tick(depth: 0, accepts: 10, served: 10);

        Assert.Equal([StallCause.ProcessPaused, StallCause.ConnectionLimit], _told.OfType<QueueEvent.Stalled>().Select(stalled => stalled.Cause));
        Assert.IsType<QueueEvent.StallEnded>(_told[2]);
        Assert.Equal(3, _told.Count);
    }

    [Fact]
    public void A_cause_that_the_accept_loop_knows_is_the_one_told()
    {
        for (int i = 0; i < 40; i++) Tick(depth: 3, accepts: 5, served: 5, StallCause.OutOfResources);

        Assert.Equal(StallCause.OutOfResources, Assert.IsType<QueueEvent.Stalled>(Assert.Single(_told)).Cause);
    }

    private void Tick(int depth, long accepts, long served, StallCause? known = null, int waitedLong = 0)
    {
        _now += TimeSpan.FromMilliseconds(250);
        if (_watch.Tick(_now, new(depth, accepts, served) { KnownCause = known, WaitedLong = waitedLong }) is { } told) _told.Add(told);
    }
}
