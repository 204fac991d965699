using System.Globalization;
using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>Warns if a burst measured the generator rather than the server.</summary>
internal static class GeneratorSentences
{
    private const double LateMs = 10;

    // A thread that is busy for a smaller share is not the bottleneck.
    private const double LimitShare = 0.9;

    // In shorter runs the shares mean nothing.
    private const double MinActiveMs = 200;

    public static IEnumerable<string> Of(BurstResult result)
    {
        BurstSummary summary = result.Summary;
        // In a burst all are scheduled for the first instant, and opening them takes some time.
        if (result.Parameters.Schedule is not ("atOnce" or "train") && summary.OpenLag is { P50Ms: > LateMs } lag)
            yield return $"The generator could not keep the schedule: half of the connections were opened {HumanFormat.Time(lag.P50Ms)} late or more. "
                + $"The times include this.";
        if (summary.Generator is not { ActiveMs: >= MinActiveMs } load) yield break;

        if (load.RunShare >= LimitShare)
        {
            yield return $"The generator was the limit, not the server: its threads ran on a core for {Percent(load.RunShare)} of the time until the "
                + $"last outcome. "
                + "Use more threads (--threads) or several machines (--at, --merge).";
        }
        else if (load.RunShare + load.CoreWaitShare >= LimitShare)
        {
            yield return $"The cores of the generator's machine were the limit: its threads ran for {Percent(load.RunShare)} of the time until the "
                + $"last outcome, "
                + $"and waited for a core for {Percent(load.CoreWaitShare)}. Run it on a different machine than the server.";
        }
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:F0} %");
}
