using System.Globalization;

namespace Rcomm.Listening.HostQueues;

/// <summary>
/// What the kernel counts for the whole network namespace since it began (/proc/net/netstat, TcpExt; net/ipv4/proc.c).
/// A counter that this kernel does not have is null.
/// </summary>
/// <param name="ListenOverflows">Handshakes that met a full listen queue.</param>
/// <param name="ListenDrops">Handshakes that a listening socket lost for any reason; contains the overflows.</param>
/// <param name="RequestQueueFullDrops"><c>TCPReqQFullDrop</c>: SYNs dropped because the SYN queue was full and SYN cookies were off.</param>
/// <param name="SynCookiesSent"><c>SyncookiesSent</c>: SYNs answered with a cookie because the SYN queue was full.</param>
public sealed record NamespaceCounters(long? ListenOverflows, long? ListenDrops, long? RequestQueueFullDrops, long? SynCookiesSent)
{
    internal const string Path = "/proc/net/netstat";

    /// <summary>Reads the text of /proc/net/netstat: pairs of lines, names above numbers.</summary>
    internal static NamespaceCounters Parse(string netstat)
    {
        Dictionary<string, long> values = [];
        string[] lines = [.. netstat.Split('\n').Where(line => line.StartsWith("TcpExt:", StringComparison.Ordinal))];
        for (int i = 0; i + 1 < lines.Length; i += 2)
        {
            foreach ((string name, string number) in lines[i].Split(' ').Zip(lines[i + 1].Split(' ')))
                if (long.TryParse(number, CultureInfo.InvariantCulture, out long value)) values[name] = value;
        }
        return new(Value("ListenOverflows"), Value("ListenDrops"), Value("TCPReqQFullDrop"), Value("SyncookiesSent"));

        long? Value(string name) => values.TryGetValue(name, out long value) ? value : null;
    }
}
