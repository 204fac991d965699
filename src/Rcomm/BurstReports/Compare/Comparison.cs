using System.Globalization;
using Rcomm.Burst.Results;

namespace Rcomm.BurstReports.Compare;

/// <summary>One line of a comparison: a measure, its two values, and their difference as text.</summary>
internal sealed record ComparisonRow(string Name, string First, string Second, string Difference);

/// <summary>Two reports side by side.</summary>
internal static class Comparison
{
    // Two runs of the same burst may differ by this much.
    private const double SameWithin = 0.05;

    /// <summary>Returns why the two should not be compared, or only with care; empty if they ran the same burst.</summary>
    public static IEnumerable<string> Warnings(BurstReport first, BurstReport second)
    {
        (BurstParameters one, BurstParameters other) = (first.Burst.Parameters, second.Burst.Parameters);
        if (one.Connections != other.Connections || one.Rounds != other.Rounds || ReportSentences.When(one) != ReportSentences.When(other))
            yield return "The two runs opened different bursts, so their times can't be compared directly.";
        if (one.ConnectOnly != other.ConnectOnly) yield return "One sent requests, the other only connected.";
        if (one.TimeoutMs != other.TimeoutMs)
            yield return $"Their timeouts differ: {HumanFormat.Time(one.TimeoutMs)} and {HumanFormat.Time(other.TimeoutMs)}.";
        if ((one.Protocol, one.Tls, one.Resume) != (other.Protocol, other.Tls, other.Resume)) yield return "They used different protocols.";
        if (first.Host != second.Host) yield return $"They ran on different machines or kernels: {Named(first.Host)} and {Named(second.Host)}.";
        if (first.Burst.Interrupted || second.Burst.Interrupted) yield return "One of them was stopped early.";
    }

    public static IEnumerable<ComparisonRow> Rows(BurstReport first, BurstReport second)
    {
        (BurstSummary one, BurstSummary other) = (first.Burst.Summary, second.Burst.Summary);
        yield return new("burst", Asked(first), Asked(second), Asked(first) == Asked(second) ? "the same" : "different");
        foreach (ConnectionOutcome outcome in one.Outcomes.Concat(other.Outcomes).Select(count => count.Outcome).Append(ConnectionOutcome.Answered)
            .Distinct().Order())
            yield return Count(OutcomeLabel.Of(outcome), summary => summary.Count(outcome));
        yield return Count("waited 1 s or more for a retry", summary => summary.WaitedForRetry);

        foreach ((string name, Func<BurstSummary, Latency?> of) in Times)
        {
            if (of(one) is not { } a || of(other) is not { } b) continue;
            yield return Time($"{name}, p50", a.P50Ms, b.P50Ms);
            yield return Time($"{name}, p99", a.P99Ms, b.P99Ms);
            yield return Time($"{name}, max", a.MaxMs, b.MaxMs);
        }
        if (first.ListenQueue is { } queue && second.ListenQueue is { } otherQueue)
        {
            yield return Number("listen queue: backlog", queue.Backlog, otherQueue.Backlog);
            yield return Number("listen queue: peak", queue.DepthPeak, otherQueue.DepthPeak);
            if (queue.Drops is { } drops && otherQueue.Drops is { } otherDrops) yield return Number("listen queue: handshakes dropped", drops, otherDrops);
        }

        ComparisonRow Count(string name, Func<BurstSummary, int> of) => one.Connections == other.Connections
            ? Number(name, of(one), of(other))
            : new(name, Share(of(one), one), Share(of(other), other),
                InWords((double)of(one) / one.Connections, (double)of(other) / other.Connections, "a larger share", "a smaller share"));
    }

    private static (string Name, Func<BurstSummary, Latency?> Of)[] Times =>
        [("connect", summary => summary.Connect), ("TLS handshake", summary => summary.Tls?.Handshake), ("first byte", summary => summary.FirstByte)];

    private static ComparisonRow Number(string name, long first, long second) => new(name, HumanFormat.Number(first), HumanFormat.Number(second),
        first == second ? "the same" : $"{HumanFormat.Number(Math.Abs(second - first))} {(second > first ? "more" : "fewer")}");

    private static ComparisonRow Time(string name, double first, double second)
    {
        string percent = string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(second / first - 1) * 100:F0} %");
        string longer = second < 2 * first ? $"{percent} longer" : string.Create(CultureInfo.InvariantCulture, $"{second / first:F1} times as long");
        return new(name, HumanFormat.Time(first), HumanFormat.Time(second), InWords(first, second, longer, $"{percent} shorter"));
    }

    private static string InWords(double first, double second, string more, string less) =>
        Math.Abs(second - first) <= SameWithin * first ? "about the same" : second > first ? more : less;

    private static string Share(int count, BurstSummary summary) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} of {summary.Connections:N0} ({100.0 * count / summary.Connections:0.##} %)");

    private static string Asked(BurstReport report) =>
        $"{HumanFormat.Number(report.Burst.Parameters.Connections)} {ReportSentences.When(report.Burst.Parameters)}";

    private static string Named(BurstHost host) => $"{host.Cores} cores, Linux {host.Kernel}";
}
