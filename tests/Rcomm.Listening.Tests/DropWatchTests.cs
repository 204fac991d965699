using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;

namespace Rcomm.Listening.Tests;

public sealed class DropWatchTests
{
    private const string Queue = "127.0.0.1:1";

    private readonly DropWatch _watch = new(Queue);
    private readonly List<QueueEvent> _told = [];
    private int _ticks;
    private int _backlog = 128;

    [Fact]
    public void Nothing_is_told_where_nothing_is_dropped()
    {
        Tick(1000, drops: 0);

        Assert.Empty(_told);
        Assert.Equal(0, _watch.Worst.Drops);
    }

    [Fact]
    public void A_burst_is_told_within_a_second_with_all_its_drops_but_not_its_retries()
    {
        Tick(drops: 200, peak: 129);
        Tick(drops: 191, peak: 129);
        Tick(2, drops: 0);
        // A second later, the clients retry and are dropped again.
        Tick(drops: 300, peak: 129);

        Assert.Equal([new QueueEvent.DropsStarted(Queue, 391, 129, 128, 128, new BacklogAdvice(1024, null))], _told);
    }

    [Fact]
    public void Clients_that_try_again_do_not_raise_the_advice()
    {
        Tick(drops: 391, peak: 129);
        Tick(3, drops: 0);
        // SYN cookies: a client that is dropped again counts more than once.
        Tick(drops: 700, peak: 129);
        Tick(7, drops: 0);
        Tick(drops: 500, peak: 129);
        Tick(4 * 60, drops: 0);

        Assert.Equal((391, 129), _watch.Worst);
        Assert.Equal(new QueueEvent.DropsContinue(Queue, 1200, 129, 128, 128, new BacklogAdvice(1024, null)), _told[1]);
    }

    [Fact]
    public void A_burst_soon_after_a_few_drops_is_judged_as_a_whole()
    {
        Tick(drops: 10, peak: 129);
        Tick(drops: 0);
        Tick(2, drops: 700, peak: 129);
        Tick(4, drops: 0);

        Assert.Equal(2048, ((QueueEvent.DropsStarted)_told[0]).Advice.Backlog);
    }

    [Fact]
    public void While_it_lasts_there_is_one_line_a_minute()
    {
        Tick(4 * 60 * 5, drops: 1, peak: 129);

        Assert.Single(_told.OfType<QueueEvent.DropsStarted>());
        Assert.InRange(_told.OfType<QueueEvent.DropsContinue>().Count(), 3, 5);
    }

    [Fact]
    public void After_a_quiet_minute_the_next_burst_is_news_again()
    {
        Tick(4, drops: 1, peak: 129);
        Tick(4 * 61, drops: 0);
        Tick(4, drops: 1, peak: 129);

        Assert.Equal(2, _told.OfType<QueueEvent.DropsStarted>().Count());
    }

    [Fact]
    public void The_advice_is_for_the_worst_second_not_for_the_sum()
    {
        Tick(4, drops: 10, peak: 100);
        Tick(4 * 59, drops: 0);
        Tick(4, drops: 10, peak: 100);
        Tick(8, drops: 0);

        Assert.All(_told, told => Assert.Equal(256,
            (told is QueueEvent.DropsStarted started ? started.Advice : ((QueueEvent.DropsContinue)told).Advice).Backlog));
    }

    [Fact]
    public void The_peak_stands_beside_the_backlog_that_it_filled_and_not_the_one_it_has_grown_to()
    {
        _backlog = 4096;
        Tick(drops: 391, peak: 129);
        Tick(3, drops: 0);

        Assert.Equal([new QueueEvent.DropsStarted(Queue, 391, 129, 128, 4096, new BacklogAdvice(1024, null))], _told);
    }

    private void Tick(int times = 1, long drops = 0, int peak = 0)
    {
        for (int i = 0; i < times; i++)
            if (_watch.Tick(TimeSpan.FromMilliseconds(250 * ++_ticks), drops, (peak, 128), _backlog, () => null) is { } told) _told.Add(told);
    }
}
