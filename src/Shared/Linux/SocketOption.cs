using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>A Linux socket option by level and number (include/uapi/asm-generic/socket.h, linux/in.h, linux/tcp.h).</summary>
internal readonly partial record struct SocketOption(string Name, int Level, int Number)
{
    /// <summary>SOL_SOCKET.</summary>
    public const int SocketLevel = 1;

    /// <summary>IPPROTO_TCP, also the number of the protocol.</summary>
    public const byte Tcp = 6;

    private const int Ip = 0;

    public static readonly SocketOption ReuseAddress = new("SO_REUSEADDR", SocketLevel, 2);
    public static readonly SocketOption Error = new("SO_ERROR", SocketLevel, 4);
    public static readonly SocketOption SendBuffer = new("SO_SNDBUF", SocketLevel, 7);
    public static readonly SocketOption ReceiveBuffer = new("SO_RCVBUF", SocketLevel, 8);
    public static readonly SocketOption KeepAlive = new("SO_KEEPALIVE", SocketLevel, 9);
    public static readonly SocketOption Linger = new("SO_LINGER", SocketLevel, 13);
    public static readonly SocketOption ReusePort = new("SO_REUSEPORT", SocketLevel, 15);
    public static readonly SocketOption PeerCredentials = new("SO_PEERCRED", SocketLevel, 17);
    public static readonly SocketOption AttachFilter = new("SO_ATTACH_FILTER", SocketLevel, 26);
    public static readonly SocketOption DetachFilter = new("SO_DETACH_FILTER", SocketLevel, 27);
    public static readonly SocketOption AcceptsConnections = new("SO_ACCEPTCONN", SocketLevel, 30);
    public static readonly SocketOption MemInfo = new("SO_MEMINFO", SocketLevel, 55);
    public static readonly SocketOption Cookie = new("SO_COOKIE", SocketLevel, 57);
    public static readonly SocketOption NetNsCookie = new("SO_NETNS_COOKIE", SocketLevel, 71);
    public static readonly SocketOption FreeBind = new("IP_FREEBIND", Ip, 15);
    public static readonly SocketOption BindAddressNoPort = new("IP_BIND_ADDRESS_NO_PORT", Ip, 24);
    public static readonly SocketOption NoDelay = new("TCP_NODELAY", Tcp, 1);
    public static readonly SocketOption KeepIdle = new("TCP_KEEPIDLE", Tcp, 4);
    public static readonly SocketOption KeepInterval = new("TCP_KEEPINTVL", Tcp, 5);
    public static readonly SocketOption KeepCount = new("TCP_KEEPCNT", Tcp, 6);
    public static readonly SocketOption DeferAccept = new("TCP_DEFER_ACCEPT", Tcp, 9);
    public static readonly SocketOption TcpInfo = new("TCP_INFO", Tcp, 11);
    public static readonly SocketOption NotSentLowWater = new("TCP_NOTSENT_LOWAT", Tcp, 25);
    public static readonly SocketOption FastOpen = new("TCP_FASTOPEN", Tcp, 23);

    /// <summary>Sets the option to an int (setsockopt(2)).</summary>
    /// <exception cref="SocketException">The kernel refused the option or the value.</exception>
    public void Set(Socket socket, int value) =>
        socket.SetRawSocketOption(Level, Number, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    /// <summary>Reads the option as an int (getsockopt(2)).</summary>
    /// <exception cref="SocketException">The kernel doesn't have the option.</exception>
    public int Get(Socket socket)
    {
        int value = 0;
        socket.GetRawSocketOption(Level, Number, MemoryMarshal.AsBytes(new Span<int>(ref value)));
        return value;
    }

    /// <summary>Returns true if two descriptors, perhaps in different processes, refer to the same socket (<c>SO_COOKIE</c>, socket(7)).</summary>
    public static bool IsSameSocket(Socket one, Socket other)
    {
        Span<byte> first = stackalloc byte[sizeof(ulong)], second = stackalloc byte[sizeof(ulong)];
        return Cookie.Get(one, first) == Cookie.Get(other, second) && first.SequenceEqual(second);
    }

    /// <summary>Reads the option into a buffer (getsockopt(2)). Returns how many bytes the kernel wrote.</summary>
    /// <exception cref="SocketException">The kernel doesn't have the option for this socket.</exception>
    public int Get(Socket socket, Span<byte> buffer) => socket.GetRawSocketOption(Level, Number, buffer);

    /// <summary>Sets the option to an int on a bare descriptor. Returns -1 with the errno in <see cref="LibC.LastError"/>.</summary>
    public int Set(int descriptor, int value) => SetSocketOption(descriptor, Level, Number, in value, sizeof(int));

    /// <summary>Sets the option to eight bytes on a bare descriptor.</summary>
    public int Set(int descriptor, long value) => SetSocketOption(descriptor, Level, Number, in value, sizeof(long));

    /// <summary>Reads the option into a buffer. Returns how many bytes the kernel wrote, or -1 with the errno in <see cref="LibC.LastError"/>.</summary>
    public int Get(int descriptor, Span<byte> buffer)
    {
        int length = buffer.Length;
        return GetSocketOption(descriptor, Level, Number, buffer, ref length) == 0 ? length : -1;
    }

    /// <summary>Does the same on a handle.</summary>
    public int Get(SafeHandle socket, Span<byte> buffer)
    {
        int length = buffer.Length;
        return GetSocketOption(socket, Level, Number, buffer, ref length) == 0 ? length : -1;
    }

    /// <summary>Returns and clears the pending error of a socket (<c>SO_ERROR</c>, socket(7)).</summary>
    public static Errno TakeError(int descriptor)
    {
        int error = 0;
        return Error.Get(descriptor, MemoryMarshal.AsBytes(new Span<int>(ref error))) < 0 ? LibC.LastError : (Errno)error;
    }

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOption(int socket, int level, int option, in int value, int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOption(int socket, int level, int option, in long value, int length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetSocketOption(int socket, int level, int option, Span<byte> value, ref int length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetSocketOption(SafeHandle socket, int level, int option, Span<byte> value, ref int length);
}
