using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>How one time was spread, in words.</summary>
internal sealed record PercentileRow(string Name, IReadOnlyList<string> Times)
{
    public static IReadOnlyList<string> Headings { get; } = ["p50", "p90", "p99", "p99.9", "max"];

    public static IReadOnlyList<PercentileRow> Of(BurstSummary summary) =>
    [
        .. Row("connect", summary.Connect), .. Row("TLS handshake alone", summary.Tls?.Handshake), .. Row("first byte", summary.FirstByte),
        .. summary.FirstByte is null ? [] : Row("end of answer", summary.End),
    ];

    private static PercentileRow[] Row(string name, Latency? times) => times is null
        ? []
        : [new(name, [.. new[] { times.P50Ms, times.P90Ms, times.P99Ms, times.P999Ms, times.MaxMs }.Select(HumanFormat.Time)])];
}
