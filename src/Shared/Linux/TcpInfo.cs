using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>
/// The start of <c>struct tcp_info</c> (include/uapi/linux/tcp.h), as far as rcomm reads it. On a listening socket the
/// kernel puts the queue's depth into <c>tcpi_unacked</c> and its backlog into <c>tcpi_sacked</c> (net/ipv4/tcp.c, tcp_get_info).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
internal struct TcpInfo
{
    /// <summary>Segments sent and not acknowledged; on a listening socket, connections that wait.</summary>
    [FieldOffset(24)] public uint Unacked;

    /// <summary>On a listening socket, its effective backlog.</summary>
    [FieldOffset(28)] public uint Sacked;

    /// <summary>Milliseconds since data was last sent; on a connection just accepted, since its handshake ended.</summary>
    [FieldOffset(44)] public uint LastDataSent;

    /// <summary>Segments sent again, SYNs included.</summary>
    [FieldOffset(100)] public uint TotalRetransmits;

    /// <summary>getsockopt(2) with <c>TCP_INFO</c>; all zero where the socket is not TCP.</summary>
    public static TcpInfo Read(SafeHandle socket)
    {
        TcpInfo info = default;
        _ = SocketOption.TcpInfo.Get(socket, MemoryMarshal.AsBytes(new Span<TcpInfo>(ref info)));
        return info;
    }

    /// <summary>The same of a connection; all zero where the socket is not TCP.</summary>
    public static TcpInfo Read(int connection)
    {
        TcpInfo info = default;
        _ = SocketOption.TcpInfo.Get(connection, MemoryMarshal.AsBytes(new Span<TcpInfo>(ref info)));
        return info;
    }
}
