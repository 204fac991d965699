using System.Net;
using Rcomm.Listening.Addresses;
using Rcomm.Shared.Linux;
using Rcomm.Shared.Linux.Proc;
using Rcomm.Shared.Linux.SockDiag;

namespace Rcomm.Listening.HostQueues;

/// <summary>
/// Reads the listen queues of one network namespace again and again through one netlink socket: cheap enough for every few milliseconds.
/// The netlink socket keeps its namespace alive: dispose the reader once no process is in there any more.
/// </summary>
public sealed class HostQueueReader : IDisposable
{
    private readonly SafeNetlinkHandle? _netlink;

    /// <summary>Reads the namespace that this process is in.</summary>
    public HostQueueReader() => _netlink = OperatingSystem.IsLinux() ? SafeNetlinkHandle.Open() : null;

    private HostQueueReader(SafeNetlinkHandle? netlink, NetworkNamespace @namespace) => (_netlink, Namespace) = (netlink, @namespace);

    /// <summary>The namespace it reads where that is another than this process's own.</summary>
    public NetworkNamespace? Namespace { get; }

    /// <summary>A reader of any namespace. To enter another than this process's own takes CAP_SYS_ADMIN.</summary>
    /// <exception cref="IOException">The namespace cannot be entered; the message says why.</exception>
    public static HostQueueReader In(NetworkNamespace @namespace)
    {
        ArgumentNullException.ThrowIfNull(@namespace);
        if (@namespace.IsOwn) return new HostQueueReader();
        SafeNetlinkHandle? netlink = null;
        Enter(@namespace, () => netlink = SafeNetlinkHandle.Open());
        return new HostQueueReader(netlink, @namespace);
    }

    /// <summary>The namespace's counters and its cap; what cannot be read is null.</summary>
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

    /// <summary>The counters and the cap of a namespace; what cannot be read is said in <paramref name="notRead"/>.</summary>
    internal static NamespaceReading ReadNamespace(NetworkNamespace? @namespace, List<string> notRead)
    {
        NamespaceReading reading = new(@namespace, null, null);
        if (@namespace is null or { IsOwn: true }) return NamespaceReading.OfThread(@namespace, notRead);
        Enter(@namespace, () => reading = NamespaceReading.OfThread(@namespace, notRead));
        return reading;
    }

    /// <summary>The listening TCP sockets on a port, or all of them for 0, without their owners.</summary>
    /// <exception cref="IOException">The system refuses, or is not Linux; the message says which.</exception>
    public IReadOnlyList<HostQueue> ReadTcp(ushort port = 0) =>
    [
        .. InetDiag.Read(Netlink, port).Select(socket =>
            new HostQueue(AddressOf(socket), socket.Inode, socket.Depth, socket.Backlog, socket.Drops, socket.Uid, []) { Namespace = Namespace }),
    ];

    /// <summary>The listening Unix sockets, without their owners.</summary>
    /// <exception cref="IOException">The system refuses, or is not Linux; the message says which.</exception>
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
            throw new IOException($"to see the network namespace of process {@namespace.Process} takes CAP_SYS_PTRACE");
        }
        if (errno == 0) return;
        throw new IOException(ProcessStatus.Own.Has(ProcessStatus.SysAdmin)
            ? $"the network namespace of process {@namespace.Process} cannot be entered (setns, errno {errno})"
            : $"to enter the network namespace of process {@namespace.Process} takes CAP_SYS_ADMIN");
    }

    // A socket on [::] that takes IPv4 as well listens on every address, and ss writes it so.
    private static ListenAddress AddressOf(InetDiagSocket socket) =>
        socket.Local.Address.Equals(IPAddress.IPv6Any) && !socket.IPv6Only
            ? ListenAddress.Every(socket.Local.Port)
            : ListenAddress.Of(socket.Local);
}
