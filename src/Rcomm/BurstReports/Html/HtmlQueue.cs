namespace Rcomm.BurstReports.Html;

/// <summary>The listen queue over time, for the chart.</summary>
/// <param name="Sentence">The sentence from the terminal's report.</param>
/// <param name="Backlog">The effective backlog.</param>
/// <param name="OpenedMs">When the last connection of the first round was opened.</param>
/// <param name="PartsMs">When each step, or each burst of a train, began; empty for other schedules.</param>
/// <param name="Samples">The samples, reduced to what a chart can show.</param>
internal sealed record HtmlQueue(string Sentence, int Backlog, double OpenedMs, IReadOnlyList<double> PartsMs, IReadOnlyList<HtmlSample> Samples)
{
    private const int MaxSamples = 4000;

    public static HtmlQueue? Of(BurstReport report)
    {
        if (report.ListenQueue is not { } queue) return null;
        double opened = report.Burst.Connections.Where(record => record.Round == 1).Select(record => record.OpenedUs ?? 0).DefaultIfEmpty().Max() / 1000.0;
        // The first sample was taken before the run; drops are counted from it.
        QueueSample before = queue.Samples[0];
        List<QueueSample> during = [.. queue.Samples.Skip(1).Where(sample => sample.AtUs >= 0)];
        int together = during.Count / MaxSamples + 1;
        return new(
            ReportSentences.Queue(report)!, queue.Backlog, opened, [.. (report.Burst.Summary.Parts ?? []).Select(part => part.StartUs / 1000.0)],
            [new(before.AtUs / 1000.0, before.Depth, before.Drops ?? 0), .. during.Chunk(together)
                .Select(some => new HtmlSample(some[0].AtUs / 1000.0, some.Max(sample => sample.Depth), some[^1].Drops ?? 0))]);
    }
}

/// <summary>The queue at one moment, or the highest of several samples.</summary>
/// <param name="AtMs">Milliseconds since the run began.</param>
/// <param name="Depth">Connections waiting.</param>
/// <param name="Drops">Handshakes lost since the run began.</param>
internal sealed record HtmlSample(double AtMs, int Depth, long Drops);
