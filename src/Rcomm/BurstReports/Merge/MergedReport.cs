using Rcomm.Burst.Results;

namespace Rcomm.BurstReports.Merge;

/// <summary>Merges the reports of several generators.</summary>
internal static class MergedReport
{
    private static readonly TimeSpan SameInstant = TimeSpan.FromMilliseconds(100);

    /// <exception cref="FormatException">A histogram is missing or not valid.</exception>
    public static BurstReport Of(IReadOnlyList<BurstReport> reports)
    {
        BurstResult result = ResultMerge.Merge([.. reports.Select(report => report.Burst)]);
        return new(BurstReport.CurrentFormat, ProgramVersion.Text, Host([.. reports.Select(report => report.Host)]), result, Queue(reports, result.StartedAt));
    }

    /// <summary>Returns why the sum must be read with care; empty if all ran the same burst at the same time.</summary>
    public static IEnumerable<string> Warnings(IReadOnlyList<BurstReport> reports)
    {
        List<BurstParameters> asked = [.. reports.Select(report => report.Burst.Parameters)];
        if (asked.DistinctBy(one => one.Url).Count() > 1)
            yield return $"They had different targets: {string.Join(", ", asked.Select(one => one.Url).Distinct())}.";
        if (asked.DistinctBy(one => (one.Schedule, one.Rounds, one.RampMs, one.IntervalMs, one.ConnectOnly, one.Protocol, one.TimeoutMs, one.HoldMs))
            .Count() > 1)
            yield return "Their bursts differed.";
        TimeSpan apart = reports.Max(report => report.Burst.StartedAt) - reports.Min(report => report.Burst.StartedAt);
        if (apart > SameInstant)
            yield return $"They did not start at the same instant: {HumanFormat.Time(apart.TotalMilliseconds)} passed between the first and the "
                + $"last. Use the same --at for all.";
    }

    private static BurstHost Host(IReadOnlyList<BurstHost> hosts)
    {
        List<BurstHost> machines = [.. hosts.Distinct()];
        return new(string.Join(", ", machines.Select(host => host.Kernel).Distinct()), machines.Sum(host => host.Cores),
            string.Join(", ", machines.Select(host => host.Name).OfType<string>()));
    }

    // Several generators on the target's own host read the same queue, at different instants.
    private static TargetQueue? Queue(IReadOnlyList<BurstReport> reports, DateTimeOffset start)
    {
        List<BurstReport> local = [.. reports.Where(report => report.ListenQueue is not null).OrderBy(report => report.Burst.StartedAt)];
        if (local.Count == 0) return null;
        BurstReport longest = local.MaxBy(report => report.ListenQueue!.Samples.Count)!;
        long offset = (long)ResultMerge.Offset(longest.Burst, start).TotalMicroseconds;
        return longest.ListenQueue! with
        {
            DepthBefore = local[0].ListenQueue!.DepthBefore,
            DepthPeak = local.Max(report => report.ListenQueue!.DepthPeak),
            DepthAfter = local[^1].ListenQueue!.DepthAfter,
            Drops = local.Max(report => report.ListenQueue!.Drops),
            Samples = [.. longest.ListenQueue.Samples.Select(sample => sample with { AtUs = sample.AtUs + offset })],
        };
    }
}
