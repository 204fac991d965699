using System.Buffers;
using System.Net;
using System.Runtime.InteropServices;

namespace Rcomm.Transport.Linux;

/// <summary>The errors of recv(2) and send(2) that are no end of a connection (include/uapi/asm-generic/errno-base.h).</summary>
internal enum Errno
{
    EINTR = 4,
    EAGAIN = 11,
}

/// <summary>
/// A connection's calls: recv(2), send(2), sendmsg(2), shutdown(2), getpeername(2), getsockname(2). None of them waits; those that move bytes return -1 with errno in
/// <see cref="LastError"/>.
/// </summary>
internal static partial class ConnectionCalls
{
    /// <summary>The most buffers that one <see cref="Send(SafeHandle, ReadOnlySpan{ReadOnlyMemory{byte}})"/> takes.</summary>
    public const int MaxBuffers = 32;

    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int ShutWrite = 1;
    private const int ShutBoth = 2;
    private const int MaxAddressLength = 128;

    // struct sockaddr with AF_UNSPEC.
    private static readonly byte[] NoAddress = new byte[16];

    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    public static nint Receive(SafeHandle socket, Span<byte> buffer) => Receive(socket, buffer, (nuint)buffer.Length, DontWait);

    /// <summary>Sends without a SIGPIPE.</summary>
    public static nint Send(SafeHandle socket, ReadOnlySpan<byte> bytes) => Send(socket, bytes, (nuint)bytes.Length, DontWait | NoSignal);

    /// <summary>Sends several buffers, at most <see cref="MaxBuffers"/>, in one call.</summary>
    public static unsafe nint Send(SafeHandle socket, ReadOnlySpan<ReadOnlyMemory<byte>> buffers)
    {
        Span<MemoryHandle> pins = new MemoryHandle[buffers.Length];
        IoVector* vectors = stackalloc IoVector[MaxBuffers];
        try
        {
            for (int i = 0; i < buffers.Length; i++)
            {
                pins[i] = buffers[i].Pin();
                vectors[i] = new IoVector { Start = (nint)pins[i].Pointer, Length = (nuint)buffers[i].Length };
            }
            var message = new MessageHeader { Vectors = (nint)vectors, Count = (nuint)buffers.Length };
            return SendMessage(socket, in message, DontWait | NoSignal);
        }
        finally
        {
            foreach (MemoryHandle pin in pins) pin.Dispose();
        }
    }

    /// <summary>Tells the peer that nothing more comes; what was sent still arrives.</summary>
    public static void EndSending(SafeHandle socket) => _ = Shutdown(socket, ShutWrite);

    /// <summary>
    /// Ends the connection with a reset where it is TCP, and wakes whoever waits for it; the descriptor stays. connect(2) to AF_UNSPEC "dissolves" a
    /// connection, and tcp_disconnect() in net/ipv4/tcp.c sends the reset.
    /// </summary>
    public static void Reset(SafeHandle socket)
    {
        if (Connect(socket, NoAddress, NoAddress.Length) != 0) _ = Shutdown(socket, ShutBoth);
    }

    /// <summary>The peer's address; null where it is gone already or has none.</summary>
    public static EndPoint? PeerOf(SafeHandle socket)
    {
        Span<byte> address = stackalloc byte[MaxAddressLength];
        int length = MaxAddressLength;
        return GetPeerName(socket, address, ref length) == 0 ? Read(address[..length]) : null;
    }

    /// <summary>Our own address of the connection.</summary>
    public static EndPoint? LocalOf(SafeHandle socket)
    {
        Span<byte> address = stackalloc byte[MaxAddressLength];
        int length = MaxAddressLength;
        return GetSocketName(socket, address, ref length) == 0 ? Read(address[..length]) : null;
    }

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    private static EndPoint? Read(ReadOnlySpan<byte> bytes)
    {
        // AF_INET and AF_INET6 (include/linux/socket.h).
        IPAddress? any = bytes.Length < sizeof(ushort) ? null : MemoryMarshal.Read<ushort>(bytes) switch
        {
            2 => IPAddress.Any,
            10 => IPAddress.IPv6Any,
            _ => null,
        };
        if (any is null) return null;
        var address = new SocketAddress(any.AddressFamily, bytes.Length);
        bytes.CopyTo(address.Buffer.Span);
        return new IPEndPoint(any, 0).Create(address);
    }

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeHandle socket, Span<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, ReadOnlySpan<byte> bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeHandle socket, in MessageHeader message, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int Shutdown(SafeHandle socket, int how);

    [LibraryImport("libc", EntryPoint = "connect")]
    private static partial int Connect(SafeHandle socket, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "getpeername")]
    private static partial int GetPeerName(SafeHandle socket, Span<byte> address, ref int length);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    private static partial int GetSocketName(SafeHandle socket, Span<byte> address, ref int length);

    /// <summary><c>struct iovec</c> (iovec(3type)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public nint Start;
        public nuint Length;
    }

    /// <summary><c>struct msghdr</c> (recvmsg(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public nint Name;
        public uint NameLength;
        public nint Vectors;
        public nuint Count;
        public nint Control;
        public nuint ControlLength;
        public int Flags;
    }
}
