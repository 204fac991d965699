using Rcomm.HostQueues;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.HostQueues;
using Rcomm.Watch;

namespace Rcomm.Tests;

public sealed class WatchTests
{
    [Fact]
    public void Drops_without_an_overflow_in_the_namespace_were_no_full_queues()
    {
        Dictionary<uint, TurnedAway> divided = TurnedAway.Divide([(1, 12, false), (2, 0, false)], overflows: 0);

        Assert.Equal(new TurnedAway(0, 12, true), divided[1]);
        Assert.False(divided.ContainsKey(2));
    }

    [Fact]
    public void The_overflows_are_those_of_the_only_socket_that_dropped() =>
        Assert.Equal(new TurnedAway(30, 0, true), TurnedAway.Divide([(1, 45, false)], overflows: 30)[1]);

    [Fact]
    public void A_drop_that_even_two_for_each_overflow_do_not_explain_had_another_reason() =>
        Assert.Equal(new TurnedAway(30, 40, true), TurnedAway.Divide([(1, 100, false)], overflows: 30)[1]);

    [Fact]
    public void Of_several_that_dropped_the_one_that_was_seen_full_has_the_overflows()
    {
        Dictionary<uint, TurnedAway> divided = TurnedAway.Divide([(1, 50, true), (2, 7, false)], overflows: 50);

        Assert.Equal(new TurnedAway(50, 0, true), divided[1]);
        Assert.Equal(0, divided[2].Count);
    }

    [Fact]
    public void Where_the_counter_does_not_tell_whose_queue_was_full_the_number_is_a_limit()
    {
        Dictionary<uint, TurnedAway> divided = TurnedAway.Divide([(1, 50, false), (2, 40, false)], overflows: 60);

        Assert.False(divided[1].IsCertain);
        Assert.Equal((50, 40), (divided[1].Count, divided[2].Count));
    }

    [Fact]
    public void Without_the_counter_every_drop_may_be_a_full_queues() =>
        Assert.Equal(new TurnedAway(5, 0, false), TurnedAway.Divide([(1, 5, false)], overflows: null)[1]);

    [Fact]
    public void An_overflow_is_told_once_and_then_once_a_minute_while_it_lasts()
    {
        var report = new OverflowReport();
        List<Overflow> told = [];
        for (int second = 0; second < 130; second++)
            if (report.Tick(TimeSpan.FromSeconds(second), second < 100 ? new TurnedAway(10, 0, true) : default, 512, 511) is { } overflow) told.Add(overflow);

        Assert.Equal([true, false, false], told.Select(overflow => overflow.IsFirst));
        Assert.Equal([20, 600, 380], told.Select(overflow => overflow.Attempts));
    }

    [Fact]
    public void After_a_quiet_minute_the_next_overflow_is_a_new_one()
    {
        var report = new OverflowReport();
        List<bool> told = [];
        for (int second = 0; second < 200; second++)
            if (report.Tick(TimeSpan.FromSeconds(second), second is 0 or 150 ? new TurnedAway(10, 0, true) : default, 512, 511) is { } overflow)
                told.Add(overflow.IsFirst);

        Assert.Equal([true, true], told);
    }

    [Fact]
    public void Clients_that_try_again_are_not_counted_twice_in_what_would_have_held_them()
    {
        var report = new OverflowReport();
        report.Tick(TimeSpan.Zero, new TurnedAway(1000, 0, true), 512, 511);

        Overflow overflow = report.Tick(TimeSpan.FromSeconds(1), new TurnedAway(900, 0, true), 512, 511)!;

        Assert.Equal((1900, 1512), (overflow.Attempts, overflow.Needed));
    }

    [Fact]
    public void The_peak_is_the_last_minutes()
    {
        var peak = new PeakOfMinute();
        peak.Add(TimeSpan.FromSeconds(0), 9);
        peak.Add(TimeSpan.FromSeconds(30), 4);
        Assert.Equal(9, peak.Value);
        peak.Add(TimeSpan.FromSeconds(80), 1);
        Assert.Equal(4, peak.Value);
        peak.Add(TimeSpan.FromSeconds(1000), 2);
        Assert.Equal(2, peak.Value);
    }

    [Theory]
    [InlineData("80", true)]
    [InlineData("81", false)]
    [InlineData("nginx", true)]
    [InlineData("node,nginx", true)]
    [InlineData("user:33", true)]
    [InlineData("user:root", false)]
    public void A_filter_knows_ports_processes_and_users(string only, bool included)
    {
        var queue = new HostQueue(ListenAddress.Parse("0.0.0.0:80"), 1, 0, 511, 0, 33, [new SocketOwner(812, "nginx")]);

        Assert.Equal(included, new QueueFilter([.. QueueFilter.Parse(only)], []).Includes(queue));
        Assert.Equal(!included, new QueueFilter([], [.. QueueFilter.Parse(only)]).Includes(queue));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("70000")]
    [InlineData("8o80")]
    [InlineData("user:no-such-user")]
    public void A_filter_that_is_none_is_refused(string text) => Assert.Throws<FormatException>(() => QueueFilter.Parse(text).ToList());

    [Fact]
    public void Advice_raises_the_cap_first_where_it_is_in_the_way_and_names_the_namespaces_process()
    {
        var queue = new HostQueue(ListenAddress.Parse("0.0.0.0:80"), 1, 0, 511, 0, 33,
            [new SocketOwner(999999999, "nginx")]) { Namespace = new NetworkNamespace(5, 77) };

        QueueAdvice advice = QueueAdvice.For(queue, 8192, cap: 4096);

        Assert.Equal("sudo nsenter -t 77 -n sysctl -w net.core.somaxconn=8192 && sudo rcomm backlog 8192 --port 80 --pid 999999999", advice.Now);
        Assert.Equal("nginx: \"listen 80 backlog=8192;\", then nginx -s reload", advice.ForGood);
    }
}
