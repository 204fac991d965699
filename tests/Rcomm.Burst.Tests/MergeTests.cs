using Rcomm.Burst.Results;

namespace Rcomm.Burst.Tests;

/// <summary>Results of several generators are added up exactly.</summary>
public sealed class MergeTests
{
    [Fact]
    public void Merged_spreads_are_what_one_histogram_would_have_held()
    {
        var random = new Random(21);
        long[] times = [.. Enumerable.Range(0, 10_000).Select(_ => (long)Math.Pow(10, random.NextDouble() * 7))];

        Latency all = Latency.Of(times)!, merged = Latency.Merge([.. times.Chunk(3000).Select(Latency.Of), null])!;

        Assert.Equal(all, merged);
    }

    [Fact]
    public void Nothing_merges_to_nothing() => Assert.Null(Latency.Merge([null, null]));

    [Theory]
    [InlineData(null)]
    [InlineData("no base64!")]
    [InlineData("AAAA")]
    public void A_spread_without_a_histogram_is_refused(string? histogram) =>
        Assert.Throws<FormatException>(() => Latency.Merge([Latency.Of([1, 2, 3])! with { Histogram = histogram }]));

    [Fact]
    public async Task Two_results_are_added_up_on_the_clock_of_the_first()
    {
        using TestServer server = TestServer.Start(TestServer.Answer(TestServer.Ok));
        BurstResult one = await Bursts.RunAsync(server.Url, 30), other = await Bursts.RunAsync(server.Url, 20);

        BurstResult sum = ResultMerge.Merge([other, one]);

        Assert.Equal((50, 2, one.StartedAt), (sum.Parameters.Connections, sum.Parameters.Generators, sum.StartedAt));
        sum.AllWere(ConnectionOutcome.Answered);
        Assert.Equal([new StatusCount(200, 50)], sum.Summary.Statuses);
        Assert.Equal(Latency.Of([.. one.Connections.Concat(other.Connections).Select(record => record.FirstByteUs!.Value - record.MeantUs)]),
            sum.Summary.FirstByte);
        long offset = (long)(other.StartedAt - one.StartedAt).TotalMicroseconds;
        Assert.Equal(other.Connections.Select(record => record.MeantUs + offset).Concat(one.Connections.Select(record => record.MeantUs)),
            sum.Connections.Select(record => record.MeantUs));
    }
}
