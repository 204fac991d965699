using Rcomm.Burst.Results;
using Rcomm.Listening.Sizing;

namespace Rcomm.BurstReports;

/// <summary>A sentence of the report, and whether it reports success.</summary>
internal sealed record Sentence(bool Good, string Text);

/// <summary>Describes the results of a burst.</summary>
internal static class ReportSentences
{
    public static string Headline(BurstResult result)
    {
        BurstParameters asked = result.Parameters;
        string from = asked.Generators > 1 ? $" from {asked.Generators} generators" : "";
        return $"{HumanFormat.Number(asked.Connections)} connections {When(asked)} to {asked.Url}{from}; opening them took "
            + $"{HumanFormat.Time(result.Summary.OpeningMs)}";
    }

    /// <summary>Describes the schedule: "at once", "over 200 ms", "at 20,000 a second, 3 rounds".</summary>
    public static string When(BurstParameters asked)
    {
        string when = asked.RampMs is { } ramp ? $"over {HumanFormat.Time(ramp)}"
            : asked.RatePerSecond is { } rate ? $"at {HumanFormat.Rate(rate)} a second"
            : asked.StepRates is { } steps ? $"in {steps.Count} steps of {HumanFormat.Time(asked.IntervalMs ?? 0)}"
            : asked.TrainBursts is { } bursts ? $"in {bursts} bursts, one every {HumanFormat.Time(asked.IntervalMs ?? 0)},"
            : "at once";
        return asked.Rounds > 1 ? $"{when}, {asked.Rounds} rounds" : when;
    }

    public static IEnumerable<Sentence> Outcomes(BurstReport report)
    {
        BurstResult result = report.Burst;
        BurstSummary summary = result.Summary;
        if (result.Interrupted) yield return new(false, "The run was stopped early; these are the results so far.");

        int answered = summary.Count(ConnectionOutcome.Answered);
        string done =
            result.Parameters is { ConnectOnly: true } ? "connected" : result.Parameters.Protocol == "websocket" ? "upgraded to WebSockets" : "answered";
        if (answered > 0) yield return new(answered == summary.Connections, $"{Share(answered, summary)} were {done}.");

        foreach (OutcomeCount count in summary.Outcomes)
        {
            if (count.Outcome == ConnectionOutcome.HandshakeFailed && summary.Tls is { Failures.Count: > 0 } tls)
                foreach (FailureCount failure in tls.Failures)
                    yield return new(false, $"{Share(failure.Count, summary)} failed the TLS handshake: {OutcomeSentence.Of(failure)}.");
            else if (OutcomeSentence.Of(count.Outcome, result.Parameters) is { } words)
                yield return new(false, $"{Share(count.Count, summary)} {words}.");
        }
        if (Statuses(summary) is { } statuses) yield return new(summary.Count(ConnectionOutcome.WrongStatus) == 0, statuses);

        if (summary.Retried > 0) yield return new(false, Retried(summary, report.ListenQueue));
        if (report.ListenQueue is { Drops: 0 }) yield return new(true, "No handshake was dropped.");

        foreach (Sentence sentence in ProtocolSentences.Of(summary)) yield return sentence;
        if (PartRow.FirstDrop(report) is { } step) yield return step;
        foreach (string limit in GeneratorSentences.Of(result)) yield return new(false, limit);
    }

    /// <summary>Describes the target's listen queue; null if it isn't on this host.</summary>
    public static string? Queue(BurstReport report)
    {
        if (report.ListenQueue is not { } queue) return null;
        string sockets = queue.Sockets > 1 ? $" ({queue.Sockets} sockets together)" : "";
        string highest = HumanFormat.Number(queue.DepthPeak);
        // A queue that fills and empties between two samples shows only in its drops, or in the clients it refused.
        bool wasFull = queue.Drops > 0 || report.Burst.Summary.Count(ConnectionOutcome.QueueFull) > 0;
        string peak = queue.DepthPeak > queue.Backlog ? $"{highest} at the peak (full)" : wasFull
            ? $"full between two samples (the highest was {highest})" : $"{highest} at the peak";
        return $"Listen queue of {queue.Owner ?? "the server"} at {queue.Address}{sockets}: backlog {queue.Backlog}; "
            + $"{HumanFormat.Number(queue.DepthBefore)} waited before, {peak}, {HumanFormat.Number(queue.DepthAfter)} "
                + $"after{Dropped(queue, report.Burst.Summary)}.";
    }

    /// <summary>Describes how to hold the next burst of this size; null if nothing was dropped, or the queue isn't on this host.</summary>
    public static string? NextStep(BurstReport report)
    {
        if (report.ListenQueue is not { } queue) return null;
        BurstSummary summary = report.Burst.Summary;
        int turnedAway = summary.Count(ConnectionOutcome.QueueFull) + (queue.Drops > 0 ? summary.Retried : 0);
        if (turnedAway == 0) return null;
        int backlog = BacklogAdvice.For(Math.Max(queue.DepthPeak, queue.Backlog), turnedAway, cap: null).Backlog;
        return $"Next: a backlog of {backlog} would have held this burst: {RaiseCommand.For(queue, backlog)}";
    }

    /// <summary>Returns e.g. "All 50 connections" or "3 of 50 connections".</summary>
    public static string Share(int count, BurstSummary summary) => count == summary.Connections
        ? $"All {HumanFormat.Number(count)} connections"
        : $"{HumanFormat.Number(count)} of {HumanFormat.Number(summary.Connections)} connections";

    // These connections were already counted by outcome in earlier sentences.
    private static string Among(int count, BurstSummary summary) =>
        count == summary.Connections ? "All of them"
        : summary.Count(ConnectionOutcome.Answered) == summary.Connections ? $"{HumanFormat.Number(count)} of them"
        : $"Of all {HumanFormat.Number(summary.Connections)}, answered or not, {HumanFormat.Number(count)}";

    private static string Dropped(TargetQueue queue, BurstSummary summary)
    {
        if (queue.Drops is not { } drops) return "";
        string again = drops > summary.Retried && summary.Retried > 0 ? " (a connection that is dropped twice counts twice)" : "";
        return $"; {HumanFormat.Number(drops)} {(drops == 1 ? "drop" : "drops")}{again}";
    }

    private static string Retried(BurstSummary summary, TargetQueue? queue)
    {
        if (queue is { Drops: 0 })
            return $"{Among(summary.Retried, summary)} sent a packet again, although the listen queue dropped none: a busy machine or network was late "
                + $"to acknowledge it.";
        int sooner = summary.Retried - summary.WaitedForRetry;
        if (summary.WaitedForRetry == 0) return $"{Among(sooner, summary)} sent a packet again, and waited less than 1 s for that.";
        string rest = sooner == 0 ? "" : $" {HumanFormat.Number(sooner)} more waited less than that.";
        string cause =
            queue is { Drops: > 0 } ? "were dropped by a full listen queue" : "lost a packet of their handshake (a full listen queue is the usual cause)";
        return $"{Among(summary.WaitedForRetry, summary)} {cause} and waited 1 s or more for the retry.{rest}";
    }

    // If all have one expected status, no line is needed.
    private static string? Statuses(BurstSummary summary) => summary.Statuses.Count > 1 || summary.Count(ConnectionOutcome.WrongStatus) > 0
        ? $"Statuses: {string.Join(", ", summary.Statuses.Select(status => $"{status.Status} ({HumanFormat.Number(status.Count)})"))}."
        : null;
}
