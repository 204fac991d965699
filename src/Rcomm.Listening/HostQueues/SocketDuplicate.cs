using System.Runtime.InteropServices;
using Rcomm.Shared.Linux;
using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.HostQueues;

/// <summary>
/// A duplicate of a listening socket that another process holds (pidfd_getfd(2)). It can resize the queue while that process runs. Keep it open only
/// briefly: the address stays in use until it is closed, even if the process has closed its own descriptor.
/// </summary>
public sealed class SocketDuplicate : IDisposable
{
    private readonly SafeDescriptor _socket;

    private SocketDuplicate(SafeDescriptor socket, SocketOwner owner) => (_socket, Owner) = (socket, owner);

    /// <summary>Gets the process whose descriptor was duplicated.</summary>
    public SocketOwner Owner { get; }

    /// <summary>Duplicates the socket from the first owner that permits it.</summary>
    /// <exception cref="DuplicationException">No owner permits it.</exception>
    public static SocketDuplicate Open(HostQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        DuplicationException? refused = null;
        foreach (SocketOwner owner in queue.Owners)
        {
            try
            {
                return Open(owner, queue.Inode);
            }
            catch (DuplicationException e)
            {
                refused ??= e;
            }
        }
        throw refused ?? new DuplicationException(
            !OperatingSystem.IsLinux() ? DuplicationFailure.KernelTooOld
            : ProcessStatus.Own.SeesEveryProcess ? DuplicationFailure.OwnerElsewhere
            : DuplicationFailure.OwnerHidden);
    }

    /// <summary>
    /// Sets another backlog with listen(2), effective immediately; waiting connections are not affected. The kernel caps it by the setting of the
    /// socket's own namespace.
    /// </summary>
    /// <param name="backlog">The backlog in connections.</param>
    /// <exception cref="DuplicationException">The socket no longer listens, or its clients would see another user as its listener.</exception>
    public void Listen(int backlog)
    {
        int errno = 0;
        // On a Unix socket listen(2) records the caller, and clients see that as the server's user (net/unix/af_unix.c, unix_listen).
        if (ListenCall.ReadCredentials(_socket) is not { } listener || listener.User == Identity.EffectiveUser())
            errno = ListenCall.Listen(_socket, backlog);
        else if (!ThreadIdentity.TryRunAs(listener.User, listener.Group, () => errno = ListenCall.Listen(_socket, backlog)))
            throw new DuplicationException(DuplicationFailure.ListenerUser, Owner);
        if (errno != 0) throw new DuplicationException(DuplicationFailure.NotListening, Owner, errno);
    }

    /// <summary>Closes the duplicate. The process's own descriptor stays open.</summary>
    public void Dispose() => _socket.Dispose();

    private static SocketDuplicate Open(SocketOwner owner, uint inode)
    {
        using SafeDescriptor process = PidFd.Open(owner.Id);
        if (process.IsInvalid) throw RefusalCause.Of(owner, Marshal.GetLastPInvokeError());
        // The process id and the descriptor number may have been reused, so the inode is compared.
        SafeDescriptor socket = PidFd.GetFd(process, DescriptorOf(owner, inode));
        if (socket.IsInvalid) throw RefusalCause.Of(owner, Marshal.GetLastPInvokeError());
        if (FileStatus.OfDescriptor(socket) is { IsSocket: true } status && status.Inode == inode && ListenCall.IsListening(socket))
            return new SocketDuplicate(socket, owner);
        socket.Dispose();
        throw new DuplicationException(DuplicationFailure.NotListening, owner);
    }

    private static int DescriptorOf(SocketOwner owner, uint inode)
    {
        try
        {
            foreach ((int descriptor, uint socket) in SocketLinks.Of(owner.Id))
                if (socket == inode) return descriptor;
        }
        catch (UnauthorizedAccessException)
        {
            throw new DuplicationException(DuplicationFailure.OwnerHidden, owner);
        }
        catch (IOException)
        {
            // The process has exited.
        }
        throw new DuplicationException(DuplicationFailure.ProcessGone, owner);
    }
}
