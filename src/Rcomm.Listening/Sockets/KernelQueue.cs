using System.Net.Sockets;
using Rcomm.Listening.Monitoring;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Sockets;

/// <summary>Reads one listening socket's queue from the kernel: with <c>TCP_INFO</c> for TCP, <c>unix_diag</c> for Unix sockets.</summary>
internal sealed class KernelQueue : IDisposable
{
    private readonly Socket _socket;
    private readonly UnixQueue? _unix;

    public KernelQueue(Socket socket, bool isUnix)
    {
        _socket = socket;
        if (OperatingSystem.IsLinux() && isUnix) _unix = new UnixQueue(socket);
    }

    /// <summary>Reads depth, effective backlog and drops; null if this system doesn't report them.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public QueueReading? Read()
    {
        if (!OperatingSystem.IsLinux()) return null;
        return _unix is null ? ReadTcp(MemInfo.ReadDrops(_socket)) : _unix.Read();
    }

    /// <summary>Reads the same without the drops if they need another system call.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public QueueReading? ReadDepth()
    {
        if (!OperatingSystem.IsLinux()) return null;
        return _unix is null ? ReadTcp(drops: null) : _unix.Read();
    }

    public void Dispose() => _unix?.Dispose();

    private QueueReading ReadTcp(uint? drops)
    {
        TcpInfo info = TcpInfo.Read(_socket.SafeHandle);
        return new QueueReading((int)info.Unacked, (int)info.Sacked, drops);
    }
}
