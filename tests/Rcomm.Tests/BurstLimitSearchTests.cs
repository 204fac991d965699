using Rcomm.Burst.Results;
using Rcomm.BurstReports.Limit;
using Rcomm.BurstReports.Options;
using static Rcomm.Tests.BurstReports;

namespace Rcomm.Tests;

public sealed class BurstLimitSearchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(777)]
    [InlineData(54_321)]
    public async Task The_largest_burst_that_holds_is_found_to_a_twentieth(int limit)
    {
        LimitResult result = await new LimitSearch(100, connections => Task.FromResult(Trial(connections, connections <= limit))).RunAsync();

        Assert.InRange(result.Held!.Connections, limit / 1.06 - 1, limit);
        Assert.InRange(result.Failed!.Connections, limit + 1, limit * 1.06 + 2);
        Assert.Null(result.Stopped);
    }

    [Fact]
    public async Task One_failure_is_not_yet_a_limit()
    {
        bool hasFailed = false;
        LimitResult result = await new LimitSearch(100, connections =>
        {
            bool held = connections < 400 || hasFailed;
            hasFailed |= connections >= 400;
            return Task.FromResult(Trial(connections, held && connections <= 900));
        }).RunAsync();

        Assert.InRange(result.Held!.Connections, 850, 900);
    }

    [Fact]
    public async Task A_server_that_holds_everything_ends_the_search_at_the_largest_burst()
    {
        LimitResult result = await new LimitSearch(100, connections => Task.FromResult(Trial(connections, true))).RunAsync();

        Assert.Equal((100_000, null), (result.Held!.Connections, result.Failed));
        Assert.Contains("100,000", LimitReport.Document("http://x/", result).Sentence);
    }

    [Fact]
    public void A_full_queue_a_busy_machine_and_a_slow_accept_are_told_apart()
    {
        LimitTrial full = LimitTrial.Of(Of([.. Answered(600, 20), .. Answered(400, 1050, retries: 1)], Queue(128, 129, 400)), null, 0.5);
        LimitTrial busy = LimitTrial.Of(Of(Answered(1000, 300), Queue(4096, 100, 0)), new(99, TimeSpan.FromMilliseconds(250)), 0.97);
        LimitTrial slowAccept = busy with { CoresBusy = 0.4, Report = Of(Answered(1000, 300), Queue(4096, 900, 0)) };
        LimitTrial slowServer = busy with { CoresBusy = 0.4 };
        LimitTrial elsewhere = busy with { Report = Of(Answered(1000, 300)) };

        Assert.Equal("400 connections were dropped", full.Why);
        Assert.Equal("p99 was 300 ms", busy.Why);
        Assert.Equal(["backlog", "cpu", "acceptRate", "server", "unknown"],
            new[] { full, busy, slowAccept, slowServer, elsewhere }.Select(trial => LimitCause.Of(trial).Name));
        Assert.Contains("rcomm backlog 4096 --port 7878", LimitCause.Of(full).Sentence);
    }

    [Theory]
    [InlineData("p99.9=250ms", 99.9, 250)]
    [InlineData("p50=1s", 50, 1000)]
    [InlineData("max=3s", 100, 3000)]
    public void A_service_level_is_a_percentile_and_a_time(string text, double percentile, double milliseconds) =>
        Assert.Equal(new ServiceLevel(percentile, TimeSpan.FromMilliseconds(milliseconds)), ServiceLevel.Parse(text));

    [Theory]
    [InlineData("p99.9")]
    [InlineData("250ms")]
    [InlineData("p98=1s")]
    [InlineData("99=1s")]
    [InlineData("p99=soon")]
    public void A_text_that_is_not_a_service_level_is_refused(string text) => Assert.Throws<FormatException>(() => ServiceLevel.Parse(text));

    private static LimitTrial Trial(int connections, bool held) =>
        LimitTrial.Of(Of(held ? Answered(1, 5) : Ended(1, ConnectionOutcome.Refused)), null, null) with { Connections = connections };
}
