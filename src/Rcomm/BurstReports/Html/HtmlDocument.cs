using System.Text.Json.Serialization;
using Rcomm.Burst.Results;

namespace Rcomm.BurstReports.Html;

/// <summary>What the page shows, put into words and counted here, so that its script only draws.</summary>
/// <param name="Headline">What was asked for.</param>
/// <param name="Measured">When, where and by which rcomm.</param>
/// <param name="Sentences">What became of the connections; the terminal's sentences.</param>
/// <param name="Outcomes">The outcome bar, from good to bad.</param>
/// <param name="Headings">Over the percentiles.</param>
/// <param name="Percentiles">How long they took, as the terminal shows it.</param>
/// <param name="Times">The distribution of those times.</param>
/// <param name="Retries">What was sent again.</param>
/// <param name="PartHeadings">Over the steps or the bursts of a train.</param>
/// <param name="Parts">The steps or the bursts of a train; empty for other schedules.</param>
/// <param name="ListenQueue">The target's listen queue; null where it is not on this host.</param>
internal sealed record HtmlDocument(
    string Headline,
    string Measured,
    IReadOnlyList<Sentence> Sentences,
    IReadOnlyList<OutcomeShare> Outcomes,
    IReadOnlyList<string> Headings,
    IReadOnlyList<PercentileRow> Percentiles,
    IReadOnlyList<TimeDistribution> Times,
    IReadOnlyList<RetryStep> Retries,
    IReadOnlyList<string> PartHeadings,
    IReadOnlyList<PartRow> Parts,
    HtmlQueue? ListenQueue)
{
    public static HtmlDocument Of(BurstReport report)
    {
        BurstResult burst = report.Burst;
        return new(
            ReportSentences.Headline(burst),
            $"{burst.StartedAt:yyyy-MM-dd HH:mm:ss} UTC, {report.Host.Cores} cores, Linux {report.Host.Kernel}, rcomm {report.Rcomm}; the run took "
                + $"{HumanFormat.Time(burst.DurationMs)}",
            [.. ReportSentences.Outcomes(report)],
            OutcomeShare.Of(burst),
            PercentileRow.Headings,
            PercentileRow.Of(burst.Summary),
            TimeDistribution.Of(burst),
            RetryStep.Of(burst),
            PartRow.HeadingsFor(burst.Parameters),
            PartRow.Of(report),
            HtmlQueue.Of(report));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HtmlDocument))]
internal sealed partial class HtmlJson : JsonSerializerContext;
