using System.Net.Sockets;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Addresses;

/// <summary>
/// The file of a Unix listening socket. A stale one is removed before the bind; the mode is set after it; the file is removed at a clean stop.
/// </summary>
internal sealed class UnixSocketFile
{
    private readonly string _path;
    private readonly ulong? _inode;

    private UnixSocketFile(string path, ulong? inode) => (_path, _inode) = (path, inode);

    /// <summary>Removes a stale socket file. Refuses if a server answers there or the file isn't a socket.</summary>
    /// <exception cref="ListenException">The path can't be used; the message says why.</exception>
    public static void MakeFree(ListenAddress address)
    {
        string path = address.UnixPath!;
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        if (!Directory.Exists(folder))
            throw new ListenException(address, ListenFailure.PathUnusable, $"the folder {folder} doesn't exist. Create it: mkdir -p {folder}");
        if (!Path.Exists(path)) return;
        if (OperatingSystem.IsLinux() && FileStatus.OfPath(path) is { IsSocket: false })
            throw NotASocket(address);

        switch (Probe(path))
        {
            case SocketError.ConnectionRefused:
                Remove(address, path);
                break;
            // Systems other than Linux report the kind of file only here.
            case SocketError.NotSocket or SocketError.ProtocolType or SocketError.OperationNotSupported:
                throw NotASocket(address);
            case SocketError.AccessDenied:
                throw new ListenException(address, ListenFailure.PathUnusable,
                    $"{path} already exists, and this user may not connect to it, so it is unknown whether a server listens there. " +
                    $"If none does, remove it: rm {path}");
            default:
                throw new ListenException(address, ListenFailure.AddressInUse,
                    "a server already listens there. Stop it, or choose another path.");
        }
    }

    /// <summary>Takes ownership of the file that a bind has created, and sets its mode before any client can connect.</summary>
    public static UnixSocketFile Make(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, mode);
        return At(path);
    }

    /// <summary>Takes ownership of a file that another process created and handed over.</summary>
    public static UnixSocketFile At(string path) => new(path, InodeAt(path));

    /// <summary>Removes the file, unless another server has replaced it.</summary>
    public void Remove()
    {
        if (_inode is not null && InodeAt(_path) != _inode) return;
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A leftover file is stale, and the next start replaces it.
        }
    }

    private static ulong? InodeAt(string path) => OperatingSystem.IsLinux() ? FileStatus.OfPath(path)?.Inode : null;

    private static ListenException NotASocket(ListenAddress address) => new(address, ListenFailure.PathUnusable,
        "the path exists and isn't a socket; it was left unchanged. Choose another path, or move the file.");

    private static void Remove(ListenAddress address, string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ListenException(address, ListenFailure.PermissionDenied,
                $"a stale socket file exists there and can't be removed ({e.Message}). Remove it: rm {path}", e);
        }
    }

    // Non-blocking: a blocking connect to a live server with a full queue would wait; EAGAIN also proves that it is alive.
    private static SocketError Probe(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }
}
