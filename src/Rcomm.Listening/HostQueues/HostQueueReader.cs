using System.Net;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Linux.SockDiag;

namespace Rcomm.Listening.HostQueues;

/// <summary>Reads listen queues again and again through one netlink socket: cheap enough for every few milliseconds.</summary>
public sealed class HostQueueReader : IDisposable
{
    private readonly SafeNetlinkHandle? _netlink = OperatingSystem.IsLinux() ? SafeNetlinkHandle.Open() : null;

    /// <summary>The listening TCP sockets on a port, or all of them for 0, without their owners.</summary>
    /// <exception cref="IOException">The system refuses, or is not Linux; the message says which.</exception>
    public IReadOnlyList<HostQueue> ReadTcp(ushort port = 0) =>
    [
        .. InetDiag.Read(Netlink, port).Select(socket =>
            new HostQueue(AddressOf(socket), socket.Inode, socket.Depth, socket.Backlog, socket.Drops, socket.Uid, [])),
    ];

    /// <summary>The listening Unix sockets, without their owners.</summary>
    /// <exception cref="IOException">The system refuses, or is not Linux; the message says which.</exception>
    public IReadOnlyList<HostQueue> ReadUnix() =>
    [
        .. UnixDiag.ReadAll(Netlink).Select(socket =>
            new HostQueue(ListenAddress.OfUnix(socket.Name), socket.Inode, socket.Depth, socket.Backlog, null, socket.Uid, [])),
    ];

    /// <summary>Closes the netlink socket.</summary>
    public void Dispose() => _netlink?.Dispose();

    private SafeNetlinkHandle Netlink =>
        _netlink is null ? throw new IOException("listen queues of other programs can be read on Linux only")
        : _netlink.IsInvalid ? throw new IOException("the system refuses netlink (sock_diag), as some containers do")
        : _netlink;

    // A socket on [::] that takes IPv4 as well listens on every address, and ss writes it so.
    private static ListenAddress AddressOf(InetDiagSocket socket) =>
        socket.Local.Address.Equals(IPAddress.IPv6Any) && !socket.IPv6Only
            ? ListenAddress.Every(socket.Local.Port)
            : ListenAddress.Of(socket.Local);
}
