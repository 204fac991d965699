using System.Globalization;
using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>A sentence of the report, and whether it is good news.</summary>
internal sealed record Sentence(bool Good, string Text);

/// <summary>What a burst met, in words that a person understands at 3 a.m.</summary>
internal static class ReportSentences
{
    private const double LateMs = 10;

    public static string Headline(BurstResult result)
    {
        BurstParameters asked = result.Parameters;
        return $"{Spoken.Number(asked.Connections)} connections {When(asked)} to {asked.Url}; opening them took {Spoken.Time(result.Summary.OpeningMs)}";
    }

    /// <summary>The schedule: "at once", "over 200 ms", "at 20,000 a second, 3 rounds".</summary>
    public static string When(BurstParameters asked)
    {
        string when = asked.RampMs is { } ramp ? $"over {Spoken.Time(ramp)}"
            : asked.RatePerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $"at {rate:#,0.#} a second")
            : "at once";
        return asked.Rounds > 1 ? $"{when}, {asked.Rounds} rounds" : when;
    }

    public static IEnumerable<Sentence> Outcomes(BurstReport report)
    {
        BurstResult result = report.Burst;
        BurstSummary summary = result.Summary;
        if (result.Interrupted) yield return new(false, "The run was stopped before its end; this is what was known by then.");

        int answered = summary.Count(ConnectionOutcome.Answered);
        string done = result.Parameters.ConnectOnly ? "connected" : "answered";
        if (answered > 0) yield return new(answered == summary.Connections, $"{Share(answered, summary)} were {done}.");

        foreach (OutcomeCount count in summary.Outcomes)
            if (Of(count.Outcome) is { } words) yield return new(false, $"{Share(count.Count, summary)} {words}.");

        if (summary.Retried > 0) yield return new(false, Retried(summary, report.ListenQueue));
        else if (report.ListenQueue is { Drops: 0 }) yield return new(true, "No handshake was dropped.");

        // At once, all are meant for the first instant, and opening them takes the time that it takes.
        if (result.Parameters.Schedule != "atOnce" && summary.OpenLag is { P50Ms: > LateMs } lag)
            yield return new(false, $"This machine could not keep the schedule: half of the connections were opened {Spoken.Time(lag.P50Ms)} late or later. Latencies contain that.");
    }

    /// <summary>What the target's listen queue went through; null where it is not on this host.</summary>
    public static string? Queue(BurstReport report)
    {
        if (report.ListenQueue is not { } queue) return null;
        string sockets = queue.Sockets > 1 ? $" ({queue.Sockets} sockets together)" : "";
        string most = Spoken.Number(queue.DepthPeak);
        // A queue that fills and empties between two looks is known by its drops alone, or by those it turned away.
        bool wasFull = queue.Drops > 0 || report.Burst.Summary.Count(ConnectionOutcome.QueueFull) > 0;
        string peak = queue.DepthPeak > queue.Backlog ? $"{most} at the peak (full)" : wasFull ? $"full in between (no look saw more than {most})" : $"{most} at the peak";
        return $"Listen queue of {queue.Owner ?? "the server"} at {queue.Address}{sockets}: backlog {Spoken.Number(queue.Backlog)}; "
            + $"{Spoken.Number(queue.DepthBefore)} waited before, {peak}, {Spoken.Number(queue.DepthAfter)} after{Dropped(queue, report.Burst.Summary)}.";
    }

    private static string Dropped(TargetQueue queue, BurstSummary summary)
    {
        if (queue.Drops is not { } drops) return "";
        string again = drops > summary.Retried && summary.Retried > 0 ? " (a connection that is dropped again counts again)" : "";
        return $"; {Spoken.Number(drops)} {(drops == 1 ? "drop" : "drops")}{again}";
    }

    private static string Retried(BurstSummary summary, TargetQueue? queue)
    {
        int sooner = summary.Retried - summary.WaitedForRetry;
        if (summary.WaitedForRetry == 0) return $"{Share(sooner, summary)} sent a packet again, and waited less than 1 s for that.";
        string rest = sooner == 0 ? "" : $" {Spoken.Number(sooner)} more waited less than that.";
        string cause = queue is { Drops: > 0 } ? "were dropped by a full listen queue" : "lost a packet of their handshake (a full listen queue is the usual cause)";
        return $"{Share(summary.WaitedForRetry, summary)} {cause} and waited 1 s or more for the retry.{rest}";
    }

    private static string Share(int count, BurstSummary summary) => count == summary.Connections
        ? $"All {Spoken.Number(count)} connections"
        : $"{Spoken.Number(count)} of {Spoken.Number(summary.Connections)} connections";

    private static string? Of(ConnectionOutcome outcome) => outcome switch
    {
        ConnectionOutcome.Unfinished => "had not come to their end when the run was stopped",
        ConnectionOutcome.WrongStatus => "were answered with an error (a status of 400 or above)",
        ConnectionOutcome.BadAnswer => "got an answer that is no HTTP, or was cut short",
        ConnectionOutcome.ClosedWithoutAnswer => "were closed without an answer",
        ConnectionOutcome.Refused => "were refused: nobody listens there, or a firewall refuses",
        ConnectionOutcome.Reset => "were reset after the handshake, before their answer was whole",
        ConnectionOutcome.TimedOutConnecting => "never got in: their handshake did not end in time",
        ConnectionOutcome.TimedOutWaiting => "got in and waited in vain for their answer",
        ConnectionOutcome.Unreachable => "were told by the network that the host cannot be reached",
        ConnectionOutcome.QueueFull => "were turned away at once by a full listen queue (EAGAIN; a Unix socket has no retry)",
        _ => null,
    };
}
