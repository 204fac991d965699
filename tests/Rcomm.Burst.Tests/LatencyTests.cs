using Rcomm.Burst.Results;

namespace Rcomm.Burst.Tests;

public sealed class LatencyTests
{
    [Fact]
    public void Percentiles_are_right_to_three_digits()
    {
        Latency latency = Latency.Of(Enumerable.Range(1, 10_000).Select(ms => ms * 1000L))!;

        Assert.Equal(10_000, latency.Count);
        Assert.InRange(latency.P50Ms, 5000, 5005);
        Assert.InRange(latency.P90Ms, 9000, 9009);
        Assert.InRange(latency.P99Ms, 9900, 9910);
        Assert.InRange(latency.P999Ms, 9990, 10_000);
        Assert.Equal(10_000, latency.MaxMs);
    }

    [Fact]
    public void Nothing_has_no_latency() => Assert.Null(Latency.Of([]));
}
