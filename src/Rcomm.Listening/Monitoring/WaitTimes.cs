namespace Rcomm.Listening.Monitoring;

/// <summary>How long connections waited to be accepted, in milliseconds. The quantiles are upper bounds.</summary>
/// <param name="Count">Connections measured.</param>
/// <param name="MedianAtMost">Half of them waited no longer than this.</param>
/// <param name="P99AtMost">All but one in a hundred waited no longer than this.</param>
/// <param name="Max">The longest wait.</param>
public sealed record WaitSummary(long Count, double MedianAtMost, double P99AtMost, double Max);

/// <summary>
/// Counts waits in buckets. The kernel's timestamp has a resolution of 1 to 10 ms (a clock tick), so finer buckets would only look exact.
/// </summary>
internal sealed class WaitTimes
{
    /// <summary>The upper bounds of the buckets in seconds; the last bucket is unbounded.</summary>
    public static readonly double[] BoundsInSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly long[] _counts = new long[BoundsInSeconds.Length + 1];
    private double _longest;

    public void Add(double seconds)
    {
        int bucket = Array.BinarySearch(BoundsInSeconds, seconds);
        _counts[bucket < 0 ? ~bucket : bucket]++;
        _longest = Math.Max(_longest, seconds);
    }

    public WaitSummary Summarize() => new(_counts.Sum(), AtMost(0.5), AtMost(0.99), _longest * 1000);

    private double AtMost(double share)
    {
        double wanted = share * _counts.Sum();
        long counted = 0;
        for (int bucket = 0; bucket < BoundsInSeconds.Length; bucket++)
        {
            counted += _counts[bucket];
            if (counted >= wanted) return Math.Min(BoundsInSeconds[bucket], _longest) * 1000;
        }
        return _longest * 1000;
    }
}
