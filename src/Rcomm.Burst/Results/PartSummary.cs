namespace Rcomm.Burst.Results;

/// <summary>One step, or one burst of a train.</summary>
/// <param name="Part">Its number, from 1.</param>
/// <param name="StartUs">When its first connection should have opened, in microseconds since the run began.</param>
/// <param name="Connections">How many connections it opened.</param>
/// <param name="Answered">How many of them were answered.</param>
/// <param name="Retried">How many of them retransmitted a packet.</param>
/// <param name="OpenLag">How late the generator was.</param>
/// <param name="FirstByte">Time to the first byte of the response, or to the end of the handshake if nothing was sent.</param>
public sealed record PartSummary(int Part, long StartUs, int Connections, int Answered, int Retried, Latency? OpenLag, Latency? FirstByte)
{
    internal static IReadOnlyList<PartSummary>? Merge(IEnumerable<PartSummary> all)
    {
        List<PartSummary> parts = [.. all.GroupBy(part => part.Part).OrderBy(group => group.Key).Select(Merge)];
        return parts.Count == 0 ? null : parts;
    }

    internal static IReadOnlyList<PartSummary>? Of(IReadOnlyList<ConnectionRecord> records)
    {
        List<PartSummary> parts =
            [.. records.Where(record => record.Part is not null).GroupBy(record => record.Part!.Value).OrderBy(part => part.Key).Select(Of)];
        return parts.Count == 0 ? null : parts;
    }

    private static PartSummary Of(IGrouping<int, ConnectionRecord> part) => new(
        part.Key,
        part.Min(record => record.MeantUs),
        part.Count(),
        part.Count(record => record.Outcome == ConnectionOutcome.Answered),
        part.Count(record => record.Retransmits > 0),
        Latency.Of(part.Where(record => record.OpenedUs is not null).Select(record => record.OpenedUs!.Value - record.MeantUs)),
        Latency.Of(part.Select(record => (record.FirstByteUs ?? record.ConnectedUs) - record.MeantUs).OfType<long>()));

    private static PartSummary Merge(IGrouping<int, PartSummary> part) => new(
        part.Key,
        part.Min(one => one.StartUs),
        part.Sum(one => one.Connections),
        part.Sum(one => one.Answered),
        part.Sum(one => one.Retried),
        Latency.Merge(part.Select(one => one.OpenLag)),
        Latency.Merge(part.Select(one => one.FirstByte)));
}
