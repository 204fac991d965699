using System.Text.Json.Serialization;
using Rcomm.Burst.Results;

namespace Rcomm.BurstReports.Html;

/// <summary>The data of the page, with all texts and counts, so that its script only draws.</summary>
/// <param name="Headline">The parameters of the burst.</param>
/// <param name="Measured">When, where and with which version of rcomm it was measured.</param>
/// <param name="Sentences">The results, as in the terminal's report.</param>
/// <param name="Outcomes">The pieces of the outcome bar, from good to bad.</param>
/// <param name="Headings">The headings of the percentiles.</param>
/// <param name="Percentiles">The percentiles, as in the terminal's report.</param>
/// <param name="Times">The distribution of those times.</param>
/// <param name="Retries">The retransmissions.</param>
/// <param name="PartHeadings">The headings of the steps or the bursts of a train.</param>
/// <param name="Parts">The steps or the bursts of a train; empty for other schedules.</param>
/// <param name="ListenQueue">The target's listen queue; null if it isn't on this host.</param>
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
