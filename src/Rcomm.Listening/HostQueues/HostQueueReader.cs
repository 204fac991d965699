using System.Net;
using Rcomm.Listening.Addresses;
using Rcomm.Shared.Linux;
using Rcomm.Shared.Linux.Proc;
using Rcomm.Shared.Linux.SockDiag;

namespace Rcomm.Listening.HostQueues;

/// <summary>
/// Reads the listen queues of one network namespace repeatedly through one netlink socket. This is cheap enough for every few milliseconds. The
/// netlink socket keeps its namespace alive, so dispose the reader once no process is in it.
/// </summary>
public sealed class HostQueueReader : IDisposable
{
    private readonly SafeNetlinkHandle? _netlink;

    /// <summary>Initializes a reader of this process's namespace.</summary>
    public HostQueueReader() => _netlink = OperatingSystem.IsLinux() ? SafeNetlinkHandle.Open() : null;

    private HostQueueReader(SafeNetlinkHandle? netlink, NetworkNamespace @namespace) => (_netlink, Namespace) = (netlink, @namespace);

    /// <summary>Gets the namespace it reads, if that isn't this process's own; otherwise null.</summary>
    public NetworkNamespace? Namespace { get; }

    /// <summary>Creates a reader of any namespace. Entering another one than this process's own requires CAP_SYS_ADMIN.</summary>
    /// <exception cref="IOException">The namespace can't be entered; the message says why.</exception>
    public static HostQueueReader In(NetworkNamespace @namespace)
    {
        ArgumentNullException.ThrowIfNull(@namespace);
        if (@namespace.IsOwn) return new HostQueueReader();
        SafeNetlinkHandle? netlink = null;
        Enter(@namespace, () => netlink = SafeNetlinkHandle.Open());
        return new HostQueueReader(netlink, @namespace);
    }

    /// <summary>Reads the namespace's counters and its cap. A value that can't be read is null.</summary>
    public NamespaceReading ReadNamespace()
    {
        try
        {
            return ReadNamespace(Namespace ?? NetworkNamespace.Own, []);
        }
        catch (IOException)
        {
            return new(Namespace, null, null);
        }
    }

    /// <summary>Reads the counters and the cap of a namespace. Anything that can't be read is reported in <paramref name="notRead"/>.</summary>
    internal static NamespaceReading ReadNamespace(NetworkNamespace? @namespace, List<string> notRead)
    {
        NamespaceReading reading = new(@namespace, null, null);
        if (@namespace is null or { IsOwn: true }) return NamespaceReading.OfThread(@namespace, notRead);
        Enter(@namespace, () => reading = NamespaceReading.OfThread(@namespace, notRead));
        return reading;
    }

    /// <summary>Reads the listening TCP sockets on a port, or all of them for 0, without their owners.</summary>
    /// <exception cref="IOException">The system refuses, or isn't Linux; the message says which.</exception>
    public IReadOnlyList<HostQueue> ReadTcp(ushort port = 0) =>
    [
        .. InetDiag.Read(Netlink, port).Select(socket =>
            new HostQueue(AddressOf(socket), socket.Inode, socket.Depth, socket.Backlog, socket.Drops, socket.Uid, []) { Namespace = Namespace }),
    ];

    /// <summary>Reads the listening Unix sockets, without their owners.</summary>
    /// <exception cref="IOException">The system refuses, or isn't Linux; the message says which.</exception>
    public IReadOnlyList<HostQueue> ReadUnix() =>
    [
        .. UnixDiag.ReadAll(Netlink).Select(socket =>
            new HostQueue(ListenAddress.OfUnix(socket.Name), socket.Inode, socket.Depth, socket.Backlog, null, socket.Uid, []) { Namespace = Namespace }),
    ];

    /// <summary>Closes the netlink socket.</summary>
    public void Dispose() => _netlink?.Dispose();

    private SafeNetlinkHandle Netlink =>
        _netlink is null ? throw new IOException("listen queues of other programs can be read on Linux only")
        : _netlink.IsInvalid ? throw new IOException("the system refuses netlink (sock_diag), as some containers do")
        : _netlink;

    private static void Enter(NetworkNamespace @namespace, Action action)
    {
        int errno;
        try
        {
            errno = NetworkNamespaceCalls.RunIn(@namespace.Process, action);
        }
        catch (UnauthorizedAccessException)
        {
            throw new IOException($"CAP_SYS_PTRACE is needed to see the network namespace of process {@namespace.Process}");
        }
        if (errno == 0) return;
        throw new IOException(ProcessStatus.Own.Has(ProcessStatus.SysAdmin)
            ? $"the network namespace of process {@namespace.Process} cannot be entered (setns, errno {errno})"
            : $"CAP_SYS_ADMIN is needed to enter the network namespace of process {@namespace.Process}");
    }

    // A socket on [::] that also takes IPv4 listens on every address; ss(8) shows it the same way.
    private static ListenAddress AddressOf(InetDiagSocket socket) =>
        socket.Local.Address.Equals(IPAddress.IPv6Any) && !socket.IPv6Only
            ? ListenAddress.Every(socket.Local.Port)
            : ListenAddress.Of(socket.Local);
}
