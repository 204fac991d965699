using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Listening.Linux;

/// <summary>A socket option of Linux by level and number, as include/uapi/asm-generic/socket.h, linux/in.h and linux/tcp.h have them.</summary>
internal readonly record struct SocketOption(string Name, int Level, int Number)
{
    private const int SolSocket = 1;
    private const int IpProtoIp = 0;
    private const int IpProtoTcp = 6;

    public static readonly SocketOption ReuseAddress = new("SO_REUSEADDR", SolSocket, 2);
    public static readonly SocketOption SendBuffer = new("SO_SNDBUF", SolSocket, 7);
    public static readonly SocketOption ReceiveBuffer = new("SO_RCVBUF", SolSocket, 8);
    public static readonly SocketOption KeepAlive = new("SO_KEEPALIVE", SolSocket, 9);
    public static readonly SocketOption Linger = new("SO_LINGER", SolSocket, 13);
    public static readonly SocketOption ReusePort = new("SO_REUSEPORT", SolSocket, 15);
    public static readonly SocketOption PeerCredentials = new("SO_PEERCRED", SolSocket, 17);
    public static readonly SocketOption AttachFilter = new("SO_ATTACH_FILTER", SolSocket, 26);
    public static readonly SocketOption DetachFilter = new("SO_DETACH_FILTER", SolSocket, 27);
    public static readonly SocketOption AcceptsConnections = new("SO_ACCEPTCONN", SolSocket, 30);
    public static readonly SocketOption MemInfo = new("SO_MEMINFO", SolSocket, 55);
    public static readonly SocketOption NetNsCookie = new("SO_NETNS_COOKIE", SolSocket, 71);
    public static readonly SocketOption FreeBind = new("IP_FREEBIND", IpProtoIp, 15);
    public static readonly SocketOption NoDelay = new("TCP_NODELAY", IpProtoTcp, 1);
    public static readonly SocketOption KeepIdle = new("TCP_KEEPIDLE", IpProtoTcp, 4);
    public static readonly SocketOption KeepInterval = new("TCP_KEEPINTVL", IpProtoTcp, 5);
    public static readonly SocketOption KeepCount = new("TCP_KEEPCNT", IpProtoTcp, 6);
    public static readonly SocketOption DeferAccept = new("TCP_DEFER_ACCEPT", IpProtoTcp, 9);
    public static readonly SocketOption TcpInfo = new("TCP_INFO", IpProtoTcp, 11);
    public static readonly SocketOption FastOpen = new("TCP_FASTOPEN", IpProtoTcp, 23);

    /// <summary>setsockopt(2) with an int.</summary>
    /// <exception cref="SocketException">The kernel refuses the option or the value.</exception>
    public void Set(Socket socket, int value) =>
        socket.SetRawSocketOption(Level, Number, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    /// <summary>getsockopt(2) for an int.</summary>
    /// <exception cref="SocketException">The kernel does not know the option.</exception>
    public int Get(Socket socket)
    {
        int value = 0;
        socket.GetRawSocketOption(Level, Number, MemoryMarshal.AsBytes(new Span<int>(ref value)));
        return value;
    }

    /// <summary>getsockopt(2) into a buffer; returns how many bytes the kernel filled.</summary>
    /// <exception cref="SocketException">The kernel does not know the option for this socket.</exception>
    public int Get(Socket socket, Span<byte> buffer) => socket.GetRawSocketOption(Level, Number, buffer);
}
