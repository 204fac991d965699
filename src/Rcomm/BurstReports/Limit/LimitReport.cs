using System.Globalization;
using System.Text.Json.Serialization;
using Rcomm.Burst.Results;
using Rcomm.BurstReports.Options;
using Spectre.Console;

namespace Rcomm.BurstReports.Limit;

/// <summary>The result of a search in JSON.</summary>
/// <param name="Format">Increased when a name changes its meaning; currently 1.</param>
/// <param name="Url">The target as it was written.</param>
/// <param name="Held">The largest burst that held; null if not even the first did.</param>
/// <param name="Failed">The smallest that did not hold; null if the search ended before one failed.</param>
/// <param name="Cause"><c>backlog</c>, <c>acceptRate</c>, <c>cpu</c>, <c>server</c>, <c>outcome</c> or <c>unknown</c>; null if none failed.</param>
/// <param name="Sentence">The result as text.</param>
/// <param name="Trials">All bursts, in the order in which they were opened.</param>
internal sealed record LimitDocument(int Format, string Url, int? Held, int? Failed, string? Cause, string Sentence, IReadOnlyList<LimitTrialDocument> Trials);

/// <summary>One burst of a search in JSON.</summary>
internal sealed record LimitTrialDocument(int Connections, bool Held, string? Why, double? CoresBusy, BurstSummary Summary);

/// <summary>Prints the result of a search.</summary>
internal static class LimitReport
{
    public static LimitDocument Document(string url, LimitResult result) => new(
        BurstReport.CurrentFormat, url, result.Held?.Connections, result.Failed?.Connections, result.Failed is { } failed ? LimitCause.Of(failed).Name
            : null, Sentence(result),
        [.. result.Trials.Select(trial => new LimitTrialDocument(trial.Connections, trial.Held, trial.Why, trial.CoresBusy, trial.Report.Burst.Summary))]);

    public static string Line(LimitTrial trial, ServiceLevel? slo)
    {
        BurstSummary summary = trial.Report.Burst.Summary;
        string time =
            (slo?.Of(summary) ?? (summary.FirstByte ?? summary.Connect)?.P999Ms) is { } ms ? $", {slo?.ToString() ?? "p99.9"} {HumanFormat.Time(ms)}" : "";
        string queue = trial.Report.ListenQueue is { } met ? $", {Peak(met)}" : "";
        return $"{HumanFormat.Number(trial.Connections),8} at once: {(trial.Held ? "held" : $"did not hold, {trial.Why}")}{time}{queue}";
    }

    // A queue that fills and empties between two samples shows only in its drops.
    private static string Peak(TargetQueue queue) =>
        queue.Drops > 0 && queue.DepthPeak <= queue.Backlog ? "queue full between two samples" : $"queue peak {HumanFormat.Number(queue.DepthPeak)}";

    public static void Write(LimitResult result, IAnsiConsole console)
    {
        console.WriteLine();
        console.WriteLine(Sentence(result));
    }

    private static string Sentence(LimitResult result)
    {
        if (result.Held is not { } held)
            return $"Even {HumanFormat.Number(result.Failed!.Connections)} at once did not hold: {result.Failed.Why}. {LimitCause.Of(result.Failed).Sentence}";
        string largest = $"The largest burst that held: {HumanFormat.Number(held.Connections)} connections at once.";
        return result.Failed is { } failed
            ? $"{largest} With {HumanFormat.Number(failed.Connections)}, {failed.Why}. {LimitCause.Of(failed).Sentence}"
            : string.Create(CultureInfo.InvariantCulture, $"{largest} The search ended there: {result.Stopped}.");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LimitDocument))]
internal sealed partial class LimitJson : JsonSerializerContext;
