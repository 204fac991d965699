using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>
/// The part of <c>struct tcp_info</c> (include/uapi/linux/tcp.h) that rcomm reads. On a listening socket, <c>tcpi_unacked</c> is the queue's depth and
/// <c>tcpi_sacked</c> its backlog (net/ipv4/tcp.c, tcp_get_info).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 104)]
internal struct TcpInfo
{
    /// <summary>Unacknowledged segments; on a listening socket, waiting connections.</summary>
    [FieldOffset(24)] public uint Unacked;

    /// <summary>On a listening socket, its effective backlog.</summary>
    [FieldOffset(28)] public uint Sacked;

    /// <summary>Milliseconds since data was last sent; on a newly accepted connection, since its handshake ended.</summary>
    [FieldOffset(44)] public uint LastDataSent;

    /// <summary>Retransmitted segments, including SYNs.</summary>
    [FieldOffset(100)] public uint TotalRetransmits;

    /// <summary>Reads <c>TCP_INFO</c> (getsockopt(2)); all zero if the socket isn't TCP.</summary>
    public static TcpInfo Read(SafeHandle socket)
    {
        TcpInfo info = default;
        _ = SocketOption.TcpInfo.Get(socket, MemoryMarshal.AsBytes(new Span<TcpInfo>(ref info)));
        return info;
    }

    /// <summary>Reads the same for a connection; all zero if it isn't TCP.</summary>
    public static TcpInfo Read(int connection)
    {
        TcpInfo info = default;
        _ = SocketOption.TcpInfo.Get(connection, MemoryMarshal.AsBytes(new Span<TcpInfo>(ref info)));
        return info;
    }
}
