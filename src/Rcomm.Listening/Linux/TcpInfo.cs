using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rcomm.Listening.Accepting;

namespace Rcomm.Listening.Linux;

/// <summary>
/// The start of <c>struct tcp_info</c> (include/uapi/linux/tcp.h), as far as rcomm reads it. On a listening socket the
/// kernel puts the queue's depth into <c>tcpi_unacked</c> and its backlog into <c>tcpi_sacked</c> (net/ipv4/tcp.c, tcp_get_info).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal partial struct TcpInfo
{
    [FieldOffset(24)] public uint Unacked;
    [FieldOffset(28)] public uint Sacked;
    [FieldOffset(44)] public uint LastDataSent;

    /// <summary>getsockopt(2) with <c>TCP_INFO</c>.</summary>
    /// <exception cref="SocketException">The socket is not TCP.</exception>
    public static TcpInfo Read(Socket socket)
    {
        TcpInfo info = default;
        SocketOption.TcpInfo.Get(socket, MemoryMarshal.AsBytes(new Span<TcpInfo>(ref info)));
        return info;
    }

    /// <summary>The same of a connection; all zero where the socket is not TCP.</summary>
    public static TcpInfo Read(ConnectionHandle connection)
    {
        TcpInfo info = default;
        int length = Unsafe.SizeOf<TcpInfo>();
        _ = GetSocketOption(connection, SocketOption.TcpInfo.Level, SocketOption.TcpInfo.Number, ref info, ref length);
        return info;
    }

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    private static partial int GetSocketOption(SafeHandle socket, int level, int option, ref TcpInfo info, ref int length);
}
