using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>One step, or one burst of a train, as a row of a table.</summary>
/// <param name="Cells">As many as there are headings.</param>
/// <param name="HasDrops">True if some of its connections were dropped or not answered.</param>
internal sealed record PartRow(IReadOnlyList<string> Cells, bool HasDrops)
{
    public static IReadOnlyList<string> HeadingsFor(BurstParameters asked) =>
        [asked.StepRates is null ? "burst" : "a second", "at", "connections", "answered", "dropped", "queue peak", "late", "p50", "p99", "max"];

    public static IReadOnlyList<PartRow> Of(BurstReport report)
    {
        if (report.Burst.Summary.Parts is not { } parts) return [];
        return [.. parts.Select((part, index) => Of(report, part, index + 1 < parts.Count ? parts[index + 1].StartUs : long.MaxValue))];
    }

    /// <summary>Returns the first step at which connections were dropped; null for other schedules.</summary>
    public static Sentence? FirstDrop(BurstReport report)
    {
        BurstResult result = report.Burst;
        if (result.Parameters.StepRates is not { } rates || result.Summary.Parts is not { } parts) return null;
        PartSummary? first = parts.FirstOrDefault(part => report.Dropped(part.Retried) > 0);
        return first is null
            ? new(true, "No step dropped a connection.")
            : new(false,
                $"The first step at which connections were dropped: {HumanFormat.Rate(rates[first.Part - 1])} a second "
                    + $"({HumanFormat.Number(first.Retried)} of {HumanFormat.Number(first.Connections)}).");
    }

    private static PartRow Of(BurstReport report, PartSummary part, long endUs)
    {
        string name = report.Burst.Parameters.StepRates is { } rates ? HumanFormat.Rate(rates[part.Part - 1]) : HumanFormat.Number(part.Part);
        return new(
            [
                name, HumanFormat.Time(part.StartUs / 1000.0), HumanFormat.Number(part.Connections), HumanFormat.Number(part.Answered),
                    HumanFormat.Number(report.Dropped(part.Retried)),
                PeakWithin(report.ListenQueue, part.StartUs, endUs), TimeOr(part.OpenLag?.P50Ms), TimeOr(part.FirstByte?.P50Ms),
                    TimeOr(part.FirstByte?.P99Ms), TimeOr(part.FirstByte?.MaxMs),
            ],
            report.Dropped(part.Retried) > 0 || part.Answered < part.Connections);
    }

    private static string PeakWithin(TargetQueue? queue, long startUs, long endUs) => queue is null
        ? "-"
        : HumanFormat.Number(queue.Samples.Where(sample => sample.AtUs >= startUs && sample.AtUs < endUs).Select(sample => sample.Depth)
            .DefaultIfEmpty().Max());

    private static string TimeOr(double? ms) => ms is { } time ? HumanFormat.Time(time) : "-";
}
