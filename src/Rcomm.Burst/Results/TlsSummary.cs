namespace Rcomm.Burst.Results;

/// <summary>The number of connections with one TLS version or one application protocol.</summary>
public sealed record NameCount(string Name, int Count);

/// <summary>The number of handshakes that failed for one reason.</summary>
/// <param name="Failure">The reason.</param>
/// <param name="Alert">The alert that the server sent; null if it sent none.</param>
/// <param name="Count">The number of handshakes.</param>
public sealed record FailureCount(HandshakeFailure Failure, string? Alert, int Count);

/// <summary>The TLS handshakes of a run.</summary>
/// <param name="Secured">Successful handshakes.</param>
/// <param name="Resumed">Those of them that resumed an earlier session.</param>
/// <param name="Versions">Their TLS versions.</param>
/// <param name="Alpn">The application protocols that the server chose.</param>
/// <param name="Failures">The reasons why others failed.</param>
/// <param name="Handshake">The time from the end of the TCP handshake to the end of the TLS handshake.</param>
/// <param name="HandshakeTotalMs">The sum of these times over the connections that got a response.</param>
/// <param name="FirstByteTotalMs">The sum of their times to the first byte.</param>
public sealed record TlsSummary(
    int Secured, int Resumed, IReadOnlyList<NameCount> Versions, IReadOnlyList<NameCount> Alpn, IReadOnlyList<FailureCount> Failures, Latency? Handshake,
    double HandshakeTotalMs, double FirstByteTotalMs)
{
    /// <summary>Gets the share of the handshakes in the time to the first byte, from 0 to 1; null without a response.</summary>
    public double? Share => FirstByteTotalMs > 0 ? HandshakeTotalMs / FirstByteTotalMs : null;

    internal static TlsSummary? Merge(IReadOnlyList<TlsSummary> all) => all.Count == 0 ? null : new(
        all.Sum(one => one.Secured), all.Sum(one => one.Resumed), Names(all.SelectMany(one => one.Versions)), Names(all.SelectMany(one => one.Alpn)),
        [
            .. all.SelectMany(one => one.Failures).GroupBy(failure => (failure.Failure, failure.Alert))
                .Select(group => new FailureCount(group.Key.Failure, group.Key.Alert, group.Sum(failure => failure.Count)))
                    .OrderByDescending(failure => failure.Count),
        ],
        Latency.Merge(all.Select(one => one.Handshake)), all.Sum(one => one.HandshakeTotalMs), all.Sum(one => one.FirstByteTotalMs));

    internal static TlsSummary? Of(IReadOnlyList<ConnectionRecord> records)
    {
        List<ConnectionRecord> withTls = [.. records.Where(record => record.Tls is not null)];
        if (withTls.Count == 0) return null;
        List<ConnectionRecord> secured = [.. withTls.Where(record => record.Tls!.SecuredUs is not null)];
        List<ConnectionRecord> answered = [.. secured.Where(record => record.FirstByteUs is not null)];
        return new(
            secured.Count,
            secured.Count(record => record.Tls!.Resumed == true),
            Names(secured.Select(record => new NameCount(record.Tls!.Version ?? "", 1))),
            Names(secured.Where(record => record.Tls!.Alpn is not null).Select(record => new NameCount(record.Tls!.Alpn!, 1))),
            [
                .. withTls.Where(record => record.Tls!.Failure is not null).CountBy(record => (record.Tls!.Failure!.Value, record.Tls.Alert))
                    .OrderByDescending(pair => pair.Value).Select(pair => new FailureCount(pair.Key.Value, pair.Key.Alert, pair.Value)),
            ],
            Latency.Of(secured.Select(HandshakeUs)),
            answered.Sum(record => HandshakeUs(record) / 1000.0),
            answered.Sum(record => (record.FirstByteUs!.Value - record.MeantUs) / 1000.0));
    }

    private static long HandshakeUs(ConnectionRecord record) => record.Tls!.SecuredUs!.Value - record.ConnectedUs!.Value;

    private static List<NameCount> Names(IEnumerable<NameCount> counts) =>
        [.. counts.GroupBy(count => count.Name).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new NameCount(group.Key, group.Sum(count => count.Count)))];
}
