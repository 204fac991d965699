using Rcomm.Burst.Results;

namespace Rcomm.BurstReports.Html;

/// <summary>A piece of the outcome bar.</summary>
/// <param name="Kind">Its colour: <c>good</c>, <c>late</c> or <c>bad</c>.</param>
/// <param name="Name">What became of these connections.</param>
/// <param name="Count">How many they are.</param>
internal sealed record OutcomeShare(string Kind, string Name, int Count)
{
    /// <summary>Those that were answered at once, those that had to try again, and every other outcome; what nobody met is left out.</summary>
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
