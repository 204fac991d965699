using Rcomm.Burst.Results;
using Rcomm.BurstReports.Options;

namespace Rcomm.BurstReports.Limit;

/// <summary>One burst of a search, and whether it held.</summary>
/// <param name="Connections">The number of connections.</param>
/// <param name="Held">True if all were answered, none was dropped, and the percentile was within its limit.</param>
/// <param name="Why">Why it did not hold; null if it did.</param>
/// <param name="Report">Its report.</param>
/// <param name="CoresBusy">The busy share of this machine's cores, from 0 to 1; null if the kernel doesn't report it.</param>
internal sealed record LimitTrial(int Connections, bool Held, string? Why, BurstReport Report, double? CoresBusy)
{
    public static LimitTrial Of(BurstReport report, ServiceLevel? slo, double? coresBusy)
    {
        BurstSummary summary = report.Burst.Summary;
        int answered = summary.Count(ConnectionOutcome.Answered);
        string? why =
            report.Dropped(summary.Retried) is > 0 and var dropped
                ? $"{HumanFormat.Number(dropped)} {(dropped == 1 ? "connection was" : "connections were")} dropped"
            : answered < summary.Connections
                ? $"{HumanFormat.Number(summary.Connections - answered)} {(summary.Connections - answered == 1 ? "was" : "were")} not answered "
                    + $"({OutcomeLabel.Of(summary.Outcomes.First(count => count.Outcome != ConnectionOutcome.Answered).Outcome)})"
            : slo is null || slo.Holds(summary) ? null
            : $"{slo} was {HumanFormat.Time(slo.Of(summary) ?? 0)}";
        return new(summary.Connections, why is null, why, report, coresBusy);
    }
}
