using HdrHistogram;

namespace Rcomm.Burst.Results;

/// <summary>How a time was spread over the connections that came so far (HdrHistogram, three digits), in milliseconds.</summary>
/// <param name="Count">How many connections came so far.</param>
/// <param name="P50Ms">Half of them took at most this long.</param>
/// <param name="P90Ms">Nine of ten.</param>
/// <param name="P99Ms">99 of 100.</param>
/// <param name="P999Ms">999 of 1,000.</param>
/// <param name="MaxMs">All of them.</param>
public sealed record Latency(long Count, double P50Ms, double P90Ms, double P99Ms, double P999Ms, double MaxMs)
{
    private const long LongestUs = 24L * 60 * 60 * 1_000_000;
    private const int Digits = 3;

    /// <summary>The spread of these times; null where there are none.</summary>
    internal static Latency? Of(IEnumerable<long> microseconds)
    {
        var histogram = new LongHistogram(1, LongestUs, Digits);
        long max = 0;
        foreach (long time in microseconds)
        {
            histogram.RecordValue(Math.Clamp(time, 0, LongestUs));
            max = Math.Max(max, time);
        }
        if (histogram.TotalCount == 0) return null;
        return new(histogram.TotalCount, At(50), At(90), At(99), At(99.9), max / 1000.0);

        // A bucket's upper end may lie above the largest value in it.
        double At(double percentile) => Math.Min(max, histogram.GetValueAtPercentile(percentile)) / 1000.0;
    }
}
