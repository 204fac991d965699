using Rcomm.Listening.Addresses;

namespace Rcomm.Listening.HostQueues;

/// <summary>The listen queue of any process on this host, as sock_diag shows it.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Inode">The socket's number in <c>/proc/PID/fd</c>.</param>
/// <param name="Depth">Connections that wait to be accepted, now.</param>
/// <param name="Backlog">The effective backlog, in connections. The queue holds one more.</param>
/// <param name="Drops">Handshakes this socket has lost since it listens; null where the kernel does not count them (Unix sockets).</param>
/// <param name="Uid">The user that opened the socket; null where the kernel does not say.</param>
/// <param name="Owners">The processes that hold it, where this user may see them.</param>
public sealed record HostQueue(
    ListenAddress Address, uint Inode, int Depth, int Backlog, uint? Drops, uint? Uid, IReadOnlyList<SocketOwner> Owners)
{
    /// <summary>The network namespace it listens in where that is another than this process's own; otherwise null.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>How full the queue is: 1 when as many wait as the backlog says, a little more at the very brim.</summary>
    public double Fullness => (double)Depth / Math.Max(1, Backlog);
}
