using System.Net.Sockets;
using Rcomm.Listening.Monitoring;
using Rcomm.Shared.Linux;
using Rcomm.Shared.Linux.SockDiag;

namespace Rcomm.Listening.Sockets;

/// <summary>Reads the queue of one of this process's listening Unix sockets, repeatedly.</summary>
internal sealed class UnixQueue : IDisposable
{
    private readonly SafeNetlinkHandle _netlink = SafeNetlinkHandle.Open();
    private readonly ulong _inode;

    public UnixQueue(Socket socket) => _inode = FileStatus.OfDescriptor(socket.SafeHandle)?.Inode ?? 0;

    /// <summary>Reads depth and backlog; null if the system refuses netlink.</summary>
    public QueueReading? Read()
    {
        if (_netlink.IsInvalid || _inode == 0) return null;
        try
        {
            return UnixDiag.Read(_netlink, _inode) is { } queue ? new QueueReading(queue.Depth, queue.Backlog, null) : null;
        }
        catch (SockDiagException)
        {
            return null;
        }
    }

    public void Dispose() => _netlink.Dispose();
}
