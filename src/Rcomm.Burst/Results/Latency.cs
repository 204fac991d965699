using HdrHistogram;
using HdrHistogram.Utilities;

namespace Rcomm.Burst.Results;

/// <summary>The distribution of a time over the connections that got that far, in milliseconds (HdrHistogram, three digits).</summary>
/// <param name="Count">The number of connections that got that far.</param>
/// <param name="P50Ms">The median.</param>
/// <param name="P90Ms">The 90th percentile.</param>
/// <param name="P99Ms">The 99th percentile.</param>
/// <param name="P999Ms">The 99.9th percentile.</param>
/// <param name="MaxMs">The maximum.</param>
/// <param name="Histogram">All times in microseconds, as an HdrHistogram (V2, compressed, base64), needed to add up results.</param>
public sealed record Latency(long Count, double P50Ms, double P90Ms, double P99Ms, double P999Ms, double MaxMs, string? Histogram = null)
{
    private const long MaxUs = 24L * 60 * 60 * 1_000_000;
    private const int Digits = 3;

    /// <summary>Returns a percentile by its number, e.g. 99.9; null for one that isn't stored.</summary>
    public double? At(double percentile) => percentile switch
    {
        50 => P50Ms,
        90 => P90Ms,
        99 => P99Ms,
        99.9 => P999Ms,
        100 => MaxMs,
        _ => null,
    };

    /// <summary>Returns the distribution of these times; null if there are none.</summary>
    internal static Latency? Of(IEnumerable<long> microseconds)
    {
        LongHistogram histogram = New();
        long max = 0;
        foreach (long time in microseconds)
        {
            histogram.RecordValue(Math.Clamp(time, 0, MaxUs));
            max = Math.Max(max, time);
        }
        return Of(histogram, max / 1000.0);
    }

    /// <summary>Merges distributions, exactly as if all times had been recorded in one; returns null if there are none.</summary>
    /// <exception cref="FormatException">A histogram is missing or not valid.</exception>
    public static Latency? Merge(IEnumerable<Latency?> spreads)
    {
        ArgumentNullException.ThrowIfNull(spreads);
        LongHistogram all = New();
        double maxMs = 0;
        foreach (Latency spread in spreads.OfType<Latency>())
        {
            HistogramBase histogram = Decode(spread.Histogram ?? throw new FormatException("a spread has no histogram"));
            if (histogram.TotalCount != spread.Count) throw new FormatException("a histogram does not hold as many times as its spread says");
            all.Add(histogram);
            maxMs = Math.Max(maxMs, spread.MaxMs);
        }
        return Of(all, maxMs);
    }

    private static LongHistogram New() => new(1, MaxUs, Digits);

    private static Latency? Of(LongHistogram histogram, double maxMs)
    {
        if (histogram.TotalCount == 0) return null;
        return new(histogram.TotalCount, At(50), At(90), At(99), At(99.9), maxMs, Encode(histogram));

        // A bucket's upper bound may be above the largest value in it.
        double At(double percentile) => Math.Min(maxMs, histogram.GetValueAtPercentile(percentile) / 1000.0);
    }

    private static string Encode(LongHistogram histogram)
    {
        ByteBuffer buffer = ByteBuffer.Allocate(histogram.GetNeededByteBufferCapacity());
        int length = histogram.EncodeIntoCompressedByteBuffer(buffer);
        byte[] bytes = new byte[length];
        buffer.Position = 0;
        for (int i = 0; i < length; i++) bytes[i] = buffer.Get();
        return Convert.ToBase64String(bytes);
    }

    private static HistogramBase Decode(string text)
    {
        try
        {
            return HistogramEncoding.DecodeFromCompressedByteBuffer(ByteBuffer.Allocate(Convert.FromBase64String(text)), MaxUs);
        }
        catch (Exception e) when (e is not FormatException)
        {
            throw new FormatException("a histogram cannot be read", e);
        }
    }
}
