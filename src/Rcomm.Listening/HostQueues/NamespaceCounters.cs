using System.Globalization;

namespace Rcomm.Listening.HostQueues;

/// <summary>
/// The kernel's counters for the whole network namespace since it was created (/proc/net/netstat, TcpExt; net/ipv4/proc.c). A counter that this
/// kernel doesn't have is null.
/// </summary>
/// <param name="ListenOverflows">Handshakes lost to a full listen queue.</param>
/// <param name="ListenDrops">Handshakes that listening sockets lost for any reason; includes the overflows.</param>
/// <param name="RequestQueueFullDrops"><c>TCPReqQFullDrop</c>: SYNs dropped because the SYN queue was full and SYN cookies were off.</param>
/// <param name="SynCookiesSent"><c>SyncookiesSent</c>: SYNs answered with a cookie because the SYN queue was full.</param>
public sealed record NamespaceCounters(long? ListenOverflows, long? ListenDrops, long? RequestQueueFullDrops, long? SynCookiesSent)
{
    // A thread may have entered another namespace than its process (setns(2)); /proc/net belongs to the process.
    internal const string Path = "/proc/thread-self/net/netstat";

    /// <summary>Adds up the counters of several namespaces; returns null for none. A counter that one of them lacks is null.</summary>
    public static NamespaceCounters? Sum(IReadOnlyCollection<NamespaceCounters> all) => all.Count == 0 ? null : new(
        Add(all, one => one.ListenOverflows), Add(all, one => one.ListenDrops), Add(all, one => one.RequestQueueFullDrops),
        Add(all, one => one.SynCookiesSent));

    /// <summary>Returns the difference from an earlier reading.</summary>
    public NamespaceCounters Since(NamespaceCounters earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return new(ListenOverflows - earlier.ListenOverflows, ListenDrops - earlier.ListenDrops,
            RequestQueueFullDrops - earlier.RequestQueueFullDrops, SynCookiesSent - earlier.SynCookiesSent);
    }

    /// <summary>Parses /proc/net/netstat: pairs of lines, names above numbers.</summary>
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
