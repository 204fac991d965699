using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>The distribution of one time, as text.</summary>
/// <param name="Cells">The number of connections that got that far, and their percentiles; as many as there are headings.</param>
internal sealed record PercentileRow(string Name, IReadOnlyList<string> Cells)
{
    public static IReadOnlyList<string> Headings { get; } = ["count", "p50", "p90", "p99", "p99.9", "max"];

    public static IReadOnlyList<PercentileRow> Of(BurstSummary summary) =>
    [
        .. Row("connect", summary.Connect), .. Row("TLS handshake alone", summary.Tls?.Handshake), .. Row("first byte", summary.FirstByte),
        .. summary.FirstByte is null ? [] : Row("end of answer", summary.End),
    ];

    private static PercentileRow[] Row(string name, Latency? times) => times is null
        ? []
        : [new(name, [HumanFormat.Number(times.Count),
            .. new[] { times.P50Ms, times.P90Ms, times.P99Ms, times.P999Ms, times.MaxMs }.Select(HumanFormat.Time)])];
}
