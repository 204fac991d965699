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
    // A thread may have entered another namespace than its process (setns(2)); /proc/net is the process's.
    internal const string Path = "/proc/thread-self/net/netstat";

    /// <summary>The counters of several namespaces added up; null for none. A counter that one of them lacks is null.</summary>
    public static NamespaceCounters? Sum(IReadOnlyCollection<NamespaceCounters> all) => all.Count == 0 ? null : new(
        Add(all, one => one.ListenOverflows), Add(all, one => one.ListenDrops), Add(all, one => one.RequestQueueFullDrops),
        Add(all, one => one.SynCookiesSent));

    /// <summary>What has been counted since an earlier reading.</summary>
    public NamespaceCounters Since(NamespaceCounters earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return new(ListenOverflows - earlier.ListenOverflows, ListenDrops - earlier.ListenDrops,
            RequestQueueFullDrops - earlier.RequestQueueFullDrops, SynCookiesSent - earlier.SynCookiesSent);
    }

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

    private static long? Add(IEnumerable<NamespaceCounters> all, Func<NamespaceCounters, long?> counter) =>
        all.Aggregate((long?)0, (sum, one) => sum + counter(one));
}
