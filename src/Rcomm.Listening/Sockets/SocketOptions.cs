namespace Rcomm.Listening.Sockets;

/// <summary>The options of a listening socket apart from its backlog. Defaults are what a web server wants; each is one socket option.</summary>
public record SocketOptions
{
    /// <summary>
    /// <c>SO_REUSEPORT</c>: several sockets (shards) share one address, each with its own queue. Off by default, so that a
    /// second server started by mistake is refused instead of taking half the connections (socket(7)).
    /// </summary>
    public bool ReusePort { get; init; }

    /// <summary><c>IPV6_V6ONLY</c> on an IPv6 address: true refuses IPv4 clients. Default false, so <c>[::]</c> takes both (ipv6(7)).</summary>
    public bool IPv6Only { get; init; }

    /// <summary>
    /// <c>TCP_DEFER_ACCEPT</c>, in whole seconds: a connection is handed over once its first bytes are there. Null (default) is off. Linux
    /// only; elsewhere a warning (tcp(7)).
    /// </summary>
    public TimeSpan? DeferAccept { get; init; }

    /// <summary>
    /// <c>TCP_FASTOPEN</c>: how many connections may wait whose first bytes came with the SYN. Null (default) is off. Needs bit 2
    /// of <c>net.ipv4.tcp_fastopen</c>; without it a warning (tcp(7)).
    /// </summary>
    public int? FastOpen { get; init; }

    /// <summary><c>IP_FREEBIND</c>: bind to an address the machine does not have yet. Default false. Linux only (ip(7)).</summary>
    public bool FreeBind { get; init; }

    /// <summary><c>SO_RCVBUF</c> in bytes for accepted connections. Null (default) leaves it to the kernel's tuning.</summary>
    public int? ReceiveBuffer { get; init; }

    /// <summary><c>SO_SNDBUF</c> in bytes for accepted connections. Null (default) leaves it to the kernel's tuning.</summary>
    public int? SendBuffer { get; init; }

    /// <summary><c>TCP_NODELAY</c> for accepted connections: small answers leave at once. Default true.</summary>
    public bool NoDelay { get; init; } = true;

    /// <summary>Keepalive probes for accepted connections; null turns them off. Default: after 60 s idle, every 10 s, five times.</summary>
    public KeepAlive? KeepAlive { get; init; } = new();

    /// <summary>The mode of a Unix socket's file. Default 0660: its owner and group may connect.</summary>
    public UnixFileMode UnixMode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
}

/// <summary>When the kernel asks a silent peer whether it is still there, and when it gives up (tcp(7)).</summary>
public sealed record KeepAlive
{
    /// <summary><c>TCP_KEEPIDLE</c>: idle time before the first probe, in whole seconds. Default 60 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>TCP_KEEPINTVL</c>: time between probes, in whole seconds. Default 10 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>TCP_KEEPCNT</c>: unanswered probes after which the connection is given up. Default 5.</summary>
    public int Count { get; init; } = 5;
}
