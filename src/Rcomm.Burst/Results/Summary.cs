namespace Rcomm.Burst.Results;

/// <summary>Counts and times the connections of a run.</summary>
internal static class Summary
{
    public static BurstSummary Of(IReadOnlyList<ConnectionRecord> records) => new(
        records.Count,
        [.. records.CountBy(record => record.Outcome).OrderBy(pair => pair.Key).Select(pair => new OutcomeCount(pair.Key, pair.Value))],
        records.Count(Retried),
        records.Count(record => Retried(record) && WaitedMs(record) >= BurstSummary.RetryWaitMs),
        records.Sum(record => (long)record.SynRetransmits),
        records.Sum(record => (long)record.Retransmits),
        records.Where(record => record.OpenedUs is not null).GroupBy(record => record.Round).Select(OpeningMs).DefaultIfEmpty().Max(),
        Spread(records, record => record.OpenedUs),
        Spread(records, record => record.ConnectedUs),
        Spread(records, record => record.FirstByteUs),
        Spread(records, record => record.Outcome is ConnectionOutcome.Answered or ConnectionOutcome.WrongStatus ? record.EndedUs : null))
    {
        Statuses = [.. records.Where(record => record.Status is not null).CountBy(record => record.Status!.Value).OrderBy(pair => pair.Key)
            .Select(pair => new StatusCount(pair.Key, pair.Value))],
        Tls = TlsSummary.Of(records),
        WebSockets = WebSocketSummary.Of(records),
        Parts = PartSummary.Of(records),
    };

    // A full listen queue may drop the SYN or the packet that completes the handshake. In the second case this side considers itself connected and
    // retransmits the request, first after 0.2 s, until the queue has room.
    private static bool Retried(ConnectionRecord record) => record.Retransmits > 0;

    private static double WaitedMs(ConnectionRecord record) =>
        ((record.Tls?.HelloUs ?? record.FirstByteUs ?? record.EndedUs) - record.OpenedUs ?? 0) / 1000.0;

    private static double OpeningMs(IGrouping<int, ConnectionRecord> round) =>
        (round.Max(record => record.OpenedUs!.Value) - round.Min(record => record.MeantUs)) / 1000.0;

    private static Latency? Spread(IEnumerable<ConnectionRecord> records, Func<ConnectionRecord, long?> instant) =>
        Latency.Of(records.Where(record => instant(record) is not null).Select(record => instant(record)!.Value - record.MeantUs));
}
