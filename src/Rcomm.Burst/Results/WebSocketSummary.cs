namespace Rcomm.Burst.Results;

/// <summary>The number of WebSockets that the server closed with one code.</summary>
/// <param name="Code">The code (RFC 6455, 7.4.1); 1006 if the connection ended without a close frame.</param>
/// <param name="Count">The number of WebSockets.</param>
public sealed record CloseCount(int Code, int Count);

/// <summary>The WebSockets of a run, while they were held open.</summary>
/// <param name="Opened">Upgrades that the server accepted.</param>
/// <param name="Pings">Pings sent.</param>
/// <param name="Pongs">Pings that were answered.</param>
/// <param name="Closes">Those that the server closed, by code.</param>
/// <param name="MaxPong">The slowest answer to a ping of each WebSocket.</param>
public sealed record WebSocketSummary(int Opened, long Pings, long Pongs, IReadOnlyList<CloseCount> Closes, Latency? MaxPong)
{
    internal static WebSocketSummary? Merge(IReadOnlyList<WebSocketSummary> all) => all.Count == 0 ? null : new(
        all.Sum(one => one.Opened), all.Sum(one => one.Pings), all.Sum(one => one.Pongs),
        [.. all.SelectMany(one => one.Closes).GroupBy(close => close.Code).OrderBy(group => group.Key)
            .Select(group => new CloseCount(group.Key, group.Sum(close => close.Count)))],
        Latency.Merge(all.Select(one => one.MaxPong)));

    internal static WebSocketSummary? Of(IReadOnlyList<ConnectionRecord> records)
    {
        List<WebSocketRecord> opened = [.. records.Select(record => record.WebSocket).OfType<WebSocketRecord>()];
        return opened.Count == 0 ? null : new(
            opened.Count,
            opened.Sum(socket => (long)socket.Pings),
            opened.Sum(socket => (long)socket.Pongs),
            [.. opened.Where(socket => socket.CloseCode is not null).CountBy(socket => socket.CloseCode!.Value).OrderBy(pair => pair.Key)
                .Select(pair => new CloseCount(pair.Key, pair.Value))],
            Latency.Of(opened.Where(socket => socket.MaxPongUs is not null).Select(socket => socket.MaxPongUs!.Value)));
    }
}
