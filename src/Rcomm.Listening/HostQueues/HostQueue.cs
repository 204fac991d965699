using Rcomm.Listening.Addresses;

namespace Rcomm.Listening.HostQueues;

/// <summary>The listen queue of any process on this host, as sock_diag(7) reports it.</summary>
/// <param name="Address">The address it listens on.</param>
/// <param name="Inode">The socket's inode, as in <c>/proc/PID/fd</c>.</param>
/// <param name="Depth">Connections waiting to be accepted now.</param>
/// <param name="Backlog">The effective backlog in connections. The queue holds one more.</param>
/// <param name="Drops">Handshakes this socket has lost since it began to listen; null if the kernel doesn't count them (Unix sockets).</param>
/// <param name="Uid">The user that opened the socket; null if the kernel doesn't report it.</param>
/// <param name="Owners">The processes that hold it, as far as this user can see them.</param>
public sealed record HostQueue(
    ListenAddress Address, uint Inode, int Depth, int Backlog, uint? Drops, uint? Uid, IReadOnlyList<SocketOwner> Owners)
{
    /// <summary>Gets the network namespace it listens in, if that isn't this process's own; otherwise null.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Gets the fill level: 1 when the queue is as long as the backlog, slightly more when it is completely full.</summary>
    public double Fullness => (double)Depth / Math.Max(1, Backlog);
}
