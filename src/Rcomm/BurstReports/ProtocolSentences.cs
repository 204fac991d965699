using System.Globalization;
using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>Describes the results of a burst's TLS handshakes and WebSockets.</summary>
internal static class ProtocolSentences
{
    public static IEnumerable<Sentence> Of(BurstSummary summary)
    {
        if (summary.Tls is { Secured: > 0 } tls) yield return new(true, Handshakes(tls));
        if (summary.WebSockets is not { } sockets) yield break;
        if (sockets.Pings > 0) yield return new(sockets.Pongs == sockets.Pings, Pings(sockets));
        foreach (CloseCount close in sockets.Closes)
            yield return new(false,
                $"{HumanFormat.Number(close.Count)} of {HumanFormat.Number(sockets.Opened)} WebSockets were closed by the server: {CodeName(close.Code)}.");
    }

    /// <summary>Returns the meaning of a close code (RFC 6455, 7.4.1).</summary>
    public static string CodeName(int code) => code switch
    {
        1000 => "code 1000, normal closure",
        1001 => "code 1001, going away",
        1002 => "code 1002, protocol error",
        1005 => "no code",
        1006 => "without a close frame (1006)",
        1008 => "code 1008, policy violation",
        1009 => "code 1009, message too big",
        1011 => "code 1011, internal error",
        1012 => "code 1012, service restart",
        1013 => "code 1013, try again later",
        _ => string.Create(CultureInfo.InvariantCulture, $"code {code}"),
    };

    private static string Handshakes(TlsSummary tls)
    {
        string versions = string.Join(", ",
            tls.Versions.Select(version => tls.Versions.Count == 1 ? $"TLS {version.Name}" : $"TLS {version.Name} ({HumanFormat.Number(version.Count)})"));
        string alpn = tls.Alpn.Count == 0 ? "" : $", ALPN {string.Join(", ", tls.Alpn.Select(name => name.Name))}";
        string resumed = tls.Resumed == 0 ? "" : tls.Resumed == tls.Secured ? ", all resumed" : $", {HumanFormat.Number(tls.Resumed)} resumed";
        string share =
            tls.Share is { } part ? string.Create(CultureInfo.InvariantCulture, $" They took {part * 100:F0} % of the time to the first byte.") : "";
        return $"{HumanFormat.Number(tls.Secured)} TLS {(tls.Secured == 1 ? "handshake" : "handshakes")}: {versions}{alpn}{resumed}.{share}";
    }

    private static string Pings(WebSocketSummary sockets)
    {
        string slowest =
            sockets.MaxPong is { } pong
                ? $"; the slowest answer of each took {HumanFormat.Time(pong.P50Ms)} (p50), {HumanFormat.Time(pong.P99Ms)} (p99), "
                + $"{HumanFormat.Time(pong.MaxMs)} (max)" : "";
        return $"{HumanFormat.Number(sockets.Pongs)} of {HumanFormat.Number(sockets.Pings)} pings were answered{slowest}.";
    }
}
