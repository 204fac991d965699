using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>One row of the histogram.</summary>
/// <param name="Label">The range of times.</param>
/// <param name="Count">The number of connections.</param>
/// <param name="IsRetry">True if dropped handshakes are retried at this time.</param>
/// <param name="Note">A note next to a retry.</param>
internal sealed record HistogramRow(string Label, int Count, bool IsRetry, string Note);

/// <summary>
/// Counts the connections by their times, in steps that make the kernel's retries visible. A lost SYN is retransmitted after 1 s, then at doubling
/// intervals (3 s, 7 s); since Linux 6.5 the first four intervals are 1 s each (net.ipv4.tcp_syn_linear_timeouts).
/// </summary>
internal static class TimeHistogram
{
    private static readonly (double FromMs, string Label)[] Steps =
    [
        (0, "under 1 ms"), (1, "1 - 3 ms"), (3, "3 - 10 ms"), (10, "10 - 30 ms"), (30, "30 - 100 ms"), (100, "100 - 300 ms"), (300, "300 ms - 1 s"),
        (BurstSummary.RetryWaitMs, "1 - 2 s"), (1990, "2 - 3 s"), (2990, "3 - 4 s"), (3990, "4 - 7 s"), (6990, "7 - 15 s"), (14990, "15 s or more"),
    ];

    /// <summary>Returns the rows from the first to the last with connections, including empty rows in between.</summary>
    public static IReadOnlyList<HistogramRow> Of(BurstResult result)
    {
        int[] counts = new int[Steps.Length];
        int[] retried = new int[Steps.Length];
        foreach (ConnectionRecord record in result.Connections)
        {
            if ((result.Parameters.ConnectOnly ? record.ConnectedUs : record.FirstByteUs) is not { } instant) continue;
            double tookMs = (instant - record.MeantUs) / 1000.0;
            int step = Array.FindLastIndex(Steps, step => step.FromMs <= tookMs);
            counts[step]++;
            if (record.Retransmits > 0) retried[step]++;
        }
        int first = Array.FindIndex(counts, count => count > 0), last = Array.FindLastIndex(counts, count => count > 0);
        if (first < 0) return [];
        return [.. Enumerable.Range(first, last - first + 1).Select(step => new HistogramRow(
            Steps[step].Label, counts[step], retried[step] > 0, $"{HumanFormat.Number(retried[step])} sent a packet again"))];
    }
}
