using Rcomm.Burst.Results;

namespace Rcomm.BurstReports.Html;

/// <summary>A piece of the outcome bar.</summary>
/// <param name="Kind">Its colour: <c>good</c>, <c>late</c> or <c>bad</c>.</param>
/// <param name="Name">The outcome of these connections.</param>
/// <param name="Count">The number of connections.</param>
internal sealed record OutcomeShare(string Kind, string Name, int Count)
{
    /// <summary>Returns the connections that were answered without a retry, those that retried, and every other outcome that occurred.</summary>
    public static IReadOnlyList<OutcomeShare> Of(BurstResult burst)
    {
        int answered = burst.Summary.Count(ConnectionOutcome.Answered);
        int late = burst.Connections.Count(record => record.Outcome == ConnectionOutcome.Answered && record.Retransmits > 0);
        string done = burst.Parameters.ConnectOnly ? "connected" : "answered";
        IEnumerable<OutcomeShare> all =
        [
            new("good", late == 0 ? done : $"{done} without a retry", answered - late),
            new("late", $"{done} after a retry", late),
            .. burst.Summary.Outcomes.Where(count => count.Outcome != ConnectionOutcome.Answered)
                .Select(count => new OutcomeShare("bad", OutcomeLabel.Of(count.Outcome), count.Count)),
        ];
        return [.. all.Where(share => share.Count > 0)];
    }
}
