using System.Globalization;
using Rcomm.Listening.Sizing;
using Rcomm.Settings.Groups;

namespace Rcomm.Doctor;

/// <summary>Checks the kernel settings that limit how many connections may wait, and what happens to the rest.</summary>
internal static class KernelChecks
{
    /// <summary>Checks each sysctl (listen(2), tcp(7), Documentation/networking/ip-sysctl.rst); the backlog is that of each shard.</summary>
    public static IEnumerable<Finding> Run(SystemFiles files, Backlog backlog, int shards) =>
    [
        SomaxConn(files, backlog),
        SynCookies(files),
        MaxSynBacklog(files, backlog),
        AbortOnOverflow(files),
        MigrateRequests(files, shards),
        EphemeralPorts(files),
        .. Conntrack(files),
    ];

    private static Finding SomaxConn(SystemFiles files, Backlog backlog)
    {
        const string name = "net.core.somaxconn";
        const string why = "The kernel limits every backlog to it; connections beyond the backlog are dropped and wait a second or more for a retry.";
        if (files.ReadSysctl(name) is not { } cap) return Unknown(name, why);

        string needs = backlog.IsMax ? "4096 or more" : $"{backlog.Connections} or more, the requested backlog";
        int wanted = backlog.IsMax ? 4096 : backlog.Connections;
        if (cap >= wanted) return new(name, Severity.Ok, Text(cap), needs, why);
        return new(name, backlog.IsMax ? Severity.Warning : Severity.Problem, Text(cap), needs, why,
            $"sysctl -w {name}={wanted}   (kept over a reboot: echo {name}={wanted} > /etc/sysctl.d/60-rcomm.conf; Kubernetes: securityContext.sysctls; " +
            $"without root: {ListeningGroup.Shards.Variable}=auto)");
    }

    private static Finding SynCookies(SystemFiles files)
    {
        const string name = "net.ipv4.tcp_syncookies";
        const string why = "Without SYN cookies, a burst also overflows the SYN queue, before connections even reach the listen queue.";
        return files.ReadSysctl(name) switch
        {
            null => Unknown(name, why),
            0 => new(name, Severity.Warning, "0 (off)", "1", why, $"sysctl -w {name}=1"),
            { } value => new(name, Severity.Ok, Text(value), "1", why),
        };
    }

    private static Finding MaxSynBacklog(SystemFiles files, Backlog backlog)
    {
        const string name = "net.ipv4.tcp_max_syn_backlog";
        const string why = "With SYN cookies off, it limits the handshakes in progress; with them on, only the backlog does.";
        if (files.ReadSysctl(name) is not { } value) return Unknown(name, why);
        if (files.ReadSysctl("net.ipv4.tcp_syncookies") != 0) return new(name, Severity.Ok, Text(value), null, why);

        int wanted = Math.Min(backlog.Connections, 65536);
        return value >= wanted
            ? new(name, Severity.Ok, Text(value), $"{wanted} or more", why)
            : new(name, Severity.Warning, Text(value), $"{wanted} or more", why, $"sysctl -w {name}={wanted}");
    }

    private static Finding AbortOnOverflow(SystemFiles files)
    {
        const string name = "net.ipv4.tcp_abort_on_overflow";
        const string why = "When on, a full queue may reset a client, which then doesn't retry a second later.";
        return files.ReadSysctl(name) switch
        {
            null => Unknown(name, why),
            0 => new(name, Severity.Ok, "0 (off)", "0", why),
            { } value => new(name, Severity.Warning, Text(value), "0", why, $"sysctl -w {name}=0"),
        };
    }

    private static Finding MigrateRequests(SystemFiles files, int shards)
    {
        const string name = "net.ipv4.tcp_migrate_req";
        const string why = "Matters if several sockets share an address (shards): when on, closing one moves its waiting connections to the others.";
        return files.ReadSysctl(name) switch
        {
            null => Unknown(name, why),
            0 when shards > 1 => new(name, Severity.Warning, "0 (off)", "1", why, $"sysctl -w {name}=1"),
            { } value => new(name, Severity.Ok, Text(value), shards > 1 ? "1" : null, why),
        };
    }

    private static Finding EphemeralPorts(SystemFiles files)
    {
        const string name = "net.ipv4.ip_local_port_range";
        const string why = "Each outgoing connection to one address (of a proxy or a load test) takes one local port.";
        const int enough = 10_000;
        string[] ends = files.Read("/proc/sys/net/ipv4/ip_local_port_range")?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (ends.Length != 2 || !int.TryParse(ends[0], out int from) || !int.TryParse(ends[1], out int to)) return Unknown(name, why);

        string range = string.Create(CultureInfo.InvariantCulture, $"{from}-{to} ({to - from + 1:N0} ports)");
        return to - from + 1 >= enough
            ? new(name, Severity.Ok, range, null, why)
            : new(name, Severity.Warning, range, $"{enough} ports or more", why, $"sysctl -w {name}='10240 65535'");
    }

    private static IEnumerable<Finding> Conntrack(SystemFiles files)
    {
        const string name = "net.netfilter.nf_conntrack_max";
        const string why = "If the connection-tracking table is full, the firewall drops new connections, whatever the queues hold.";
        if (files.ReadSysctl(name) is not { } max || files.ReadSysctl("net.netfilter.nf_conntrack_count") is not { } count) yield break;

        string now = string.Create(CultureInfo.InvariantCulture, $"{count} of {max}");
        yield return count < max * 3 / 4
            ? new(name, Severity.Ok, now, "under three quarters full", why)
            : new(name, count >= max ? Severity.Problem : Severity.Warning, now, "under three quarters full", why, $"sysctl -w {name}={max * 2}");
    }

    private static Finding Unknown(string name, string why) =>
        new(name, Severity.Unknown, "could not be read (not Linux, or /proc isn't mounted)", null, why);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
