using Rcomm.Burst.Results;
using Rcomm.BurstReports.Options;

namespace Rcomm.BurstReports.Limit;

/// <summary>One burst of a search, and whether it held.</summary>
/// <param name="Connections">How many were opened at once.</param>
/// <param name="Held">True when all were answered, none was dropped, and the percentile was within its bound.</param>
/// <param name="Why">Why it did not hold; null where it did.</param>
/// <param name="Report">What it met.</param>
/// <param name="CoresBusy">The share of the time in which this machine's cores were busy, from 0 to 1; null where the kernel does not tell.</param>
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
