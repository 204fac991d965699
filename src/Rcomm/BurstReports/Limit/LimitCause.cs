using System.Globalization;
using Rcomm.Burst.Results;

namespace Rcomm.BurstReports.Limit;

/// <summary>Finds what limited the largest burst, as far as this host can tell.</summary>
internal static class LimitCause
{
    private const double BusyShare = 0.9;

    /// <summary>Returns the name in JSON, and the sentence.</summary>
    public static (string Name, string Sentence) Of(LimitTrial failed)
    {
        BurstSummary summary = failed.Report.Burst.Summary;
        if (failed.Report.ListenQueue is not { } queue)
            return ("unknown",
                "What limited it is unknown: the target's listen queue isn't on this host. A full queue is the usual cause of dropped handshakes.");
        string rate =
            AcceptRate(failed.Report.Burst) is { } perSecond ? $" The server accepted about {HumanFormat.Number((long)perSecond)} connections a second." : "";
        if (queue.Drops > 0 || queue.DepthPeak > queue.Backlog || summary.Count(ConnectionOutcome.QueueFull) > 0)
            return ("backlog",
                $"The backlog was the limit: the listen queue holds {HumanFormat.Number(queue.Backlog + queue.Sockets)} connections and was full.{rate} "
                    + $"Raise the backlog, e.g. {RaiseCommand.For(queue, Math.Max(4096, queue.Backlog * 2))}.");
        if (summary.Count(ConnectionOutcome.Answered) < summary.Connections)
            return ("outcome", "The listen queue dropped none of them: the outcome itself was the limit.");
        if (failed.CoresBusy >= BusyShare)
            return ("cpu", string.Create(CultureInfo.InvariantCulture,
                $"The cores were the limit: they were busy for {failed.CoresBusy * 100:F0} % of the time, generator and server together.{rate}"));
        if (queue.DepthPeak >= failed.Connections / 2)
            return ("acceptRate",
                $"The accept rate was the limit: {HumanFormat.Number(queue.DepthPeak)} connections waited in the listen queue at the peak, and the cores "
                    + $"were not all busy.{rate}");
        return ("server",
            $"The server was the limit: connections left the listen queue quickly ({HumanFormat.Number(queue.DepthPeak)} waited at the peak), but their "
                + $"responses came late.{rate}");
    }

    // How many connections the server handled before the first retries, per second.
    private static double? AcceptRate(BurstResult burst)
    {
        List<long> took = [.. burst.Connections.Where(record => record is { Retransmits: 0, FirstByteUs: not null })
            .Select(record => record.FirstByteUs!.Value - record.MeantUs)];
        return took.Count > 1 ? took.Count * 1e6 / Math.Max(took.Max(), 1000) : null;
    }
}
