namespace Rcomm.Listening.Sockets;

/// <summary>Configures the options of a listening socket other than its backlog. The defaults suit a web server; each is one socket option.</summary>
public record SocketOptions
{
    /// <summary>
    /// Gets whether several sockets (shards) share one address, each with its own queue (<c>SO_REUSEPORT</c>). Off by default, so that a second
    /// server started by mistake is refused instead of getting half the connections (socket(7)).
    /// </summary>
    public bool ReusePort { get; init; }

    /// <summary>Gets whether an IPv6 address refuses IPv4 clients (<c>IPV6_V6ONLY</c>). Default false, so <c>[::]</c> takes both (ipv6(7)).</summary>
    public bool IPv6Only { get; init; }

    /// <summary>
    /// Gets how long the kernel holds a connection until its first bytes arrive, in whole seconds (<c>TCP_DEFER_ACCEPT</c>). Null (default) is off.
    /// Linux only; elsewhere a warning (tcp(7)).
    /// </summary>
    public TimeSpan? DeferAccept { get; init; }

    /// <summary>
    /// Gets how many connections that sent their first bytes with the SYN may wait (<c>TCP_FASTOPEN</c>). Null (default) is off. Needs bit 2 of
    /// <c>net.ipv4.tcp_fastopen</c>; without it, a warning (tcp(7)).
    /// </summary>
    public int? FastOpen { get; init; }

    /// <summary>
    /// Gets whether to bind to an address that the machine doesn't have yet (<c>IP_FREEBIND</c>). Default false. Linux only (ip(7)).
    /// </summary>
    public bool FreeBind { get; init; }

    /// <summary>
    /// Gets the receive buffer of accepted connections in bytes (<c>SO_RCVBUF</c>). Null (default) leaves it to the kernel's tuning.
    /// </summary>
    public int? ReceiveBuffer { get; init; }

    /// <summary>Gets the send buffer of accepted connections in bytes (<c>SO_SNDBUF</c>). Null (default) leaves it to the kernel's tuning.</summary>
    public int? SendBuffer { get; init; }

    /// <summary>Gets whether accepted connections send small segments without delay (<c>TCP_NODELAY</c>). Default true.</summary>
    public bool NoDelay { get; init; } = true;

    /// <summary>Gets the keep-alive probes for accepted connections; null turns them off. Default: after 60 s idle, every 10 s, five times.</summary>
    public KeepAlive? KeepAlive { get; init; } = new();

    /// <summary>Gets the mode of a Unix socket's file. Default 0660: its owner and group may connect.</summary>
    public UnixFileMode UnixMode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
}

/// <summary>Configures when the kernel probes an idle peer, and when it gives up (tcp(7)).</summary>
public sealed record KeepAlive
{
    /// <summary>Gets the idle time before the first probe, in whole seconds (<c>TCP_KEEPIDLE</c>). Default 60 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets the time between probes, in whole seconds (<c>TCP_KEEPINTVL</c>). Default 10 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets the number of unanswered probes after which the connection is closed (<c>TCP_KEEPCNT</c>). Default 5.</summary>
    public int Count { get; init; } = 5;
}
