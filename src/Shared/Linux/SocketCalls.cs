using System.Buffers;
using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>
/// System calls that open a connection and transfer its bytes: socket(2), bind(2), connect(2), accept4(2), recv(2), send(2), shutdown(2). Those that can
/// fail return -1 with the errno in <see cref="LibC.LastError"/>. None raises SIGPIPE; send and receive never block.
/// </summary>
internal static partial class SocketCalls
{
    /// <summary>The maximum number of buffers for <see cref="Send(SafeHandle, ReadOnlySpan{ReadOnlyMemory{byte}})"/>.</summary>
    public const int MaxBuffers = 32;

    /// <summary>MSG_NOSIGNAL.</summary>
    public const int NoSignal = 0x4000;

    private const int Stream = 1;
    private const int DontWait = 0x40;
    private const int More = 0x8000;
    private const int ShutWrite = 1;
    private const int ShutBoth = 2;

    // struct sockaddr with AF_UNSPEC.
    private static readonly byte[] NoAddress = new byte[16];

    /// <summary>Creates a non-blocking, close-on-exec stream socket.</summary>
    public static int Open(int family) => Socket(family, Stream | LibC.NonBlocking | LibC.CloseOnExec, 0);

    /// <summary>
    /// Binds the source address and leaves the port to connect(2), which may use one port for several targets (<c>IP_BIND_ADDRESS_NO_PORT</c>, ip(7);
    /// also for IPv6).
    /// </summary>
    public static int BindAddress(int descriptor, ReadOnlySpan<byte> address)
    {
        // Kernels before 4.2 don't have the option; bind then takes a port, and ports run out sooner.
        _ = SocketOption.BindAddressNoPort.Set(descriptor, 1);
        return Bind(descriptor, address, address.Length);
    }

    public static int Connect(int descriptor, ReadOnlySpan<byte> address) => Connect(descriptor, address, address.Length);

    /// <summary>
    /// Accepts a connection and writes its client's address (<c>struct sockaddr</c>). The descriptor is close-on-exec and blocking (.NET makes it
    /// non-blocking at its first asynchronous call).
    /// </summary>
    public static int Accept(SafeHandle listener, Span<byte> address)
    {
        int length = address.Length;
        return Accept4(listener, address, ref length, LibC.CloseOnExec);
    }

    /// <summary>
    /// Turns off <c>SO_LINGER</c> (socket(7)), so that closing a connection sends the remaining data. Connections inherit the option from their listening
    /// socket, and another process that shares it may have set it.
    /// </summary>
    public static void DoNotDiscardAtClose(int listener) => _ = SocketOption.Linger.Set(listener, 0L);

    /// <summary>
    /// Closes a socket that another process shares, and leaves its options unchanged. .NET sets <c>SO_LINGER</c> when it closes a descriptor, which would
    /// also apply to the other process's connections.
    /// </summary>
    public static void CloseHere(SafeHandle socket)
    {
        if (socket.IsClosed) return;
        int descriptor = (int)socket.DangerousGetHandle();
        socket.SetHandleAsInvalid();
        _ = LibC.Close(descriptor);
    }

    public static nint Receive(int descriptor, Span<byte> buffer) => Receive(descriptor, buffer, (nuint)buffer.Length, DontWait);

    public static nint Receive(SafeHandle socket, Span<byte> buffer) => Receive(socket, buffer, (nuint)buffer.Length, DontWait);

    public static nint Send(int descriptor, ReadOnlySpan<byte> bytes) => Send(descriptor, bytes, (nuint)bytes.Length, DontWait | NoSignal);

    /// <summary>Sends the last bytes. The kernel holds them until <see cref="EndSending(int)"/>, so both leave in one segment.</summary>
    public static nint SendLast(int descriptor, ReadOnlySpan<byte> bytes) => Send(descriptor, bytes, (nuint)bytes.Length, DontWait | NoSignal | More);

    public static nint Send(SafeHandle socket, ReadOnlySpan<byte> bytes) => Send(socket, bytes, (nuint)bytes.Length, DontWait | NoSignal);

    /// <summary>Sends up to <see cref="MaxBuffers"/> buffers in one call.</summary>
    public static unsafe nint Send(SafeHandle socket, ReadOnlySpan<ReadOnlyMemory<byte>> buffers)
    {
        Span<MemoryHandle> pins = new MemoryHandle[buffers.Length];
        IoVector* vectors = stackalloc IoVector[MaxBuffers];
        try
        {
            for (int i = 0; i < buffers.Length; i++)
            {
                pins[i] = buffers[i].Pin();
                vectors[i] = new IoVector { Start = pins[i].Pointer, Length = (nuint)buffers[i].Length };
            }
            var message = new MessageHeader { Vectors = vectors, VectorCount = (nuint)buffers.Length };
            return MessageHeader.Send(socket, in message, DontWait | NoSignal);
        }
        finally
        {
            foreach (MemoryHandle pin in pins) pin.Dispose();
        }
    }

    /// <summary>Closes the sending side. Data already sent still arrives.</summary>
    public static void EndSending(SafeHandle socket) => _ = Shutdown(socket, ShutWrite);

    /// <summary>Does the same for a bare descriptor.</summary>
    public static void EndSending(int descriptor) => _ = Shutdown(descriptor, ShutWrite);

    /// <summary>
    /// Resets a TCP connection and wakes up its waiters; the descriptor stays open. connect(2) to AF_UNSPEC "dissolves" a connection, and
    /// tcp_disconnect() in net/ipv4/tcp.c sends the reset.
    /// </summary>
    public static void Reset(SafeHandle socket)
    {
        if (Connect(socket, NoAddress, NoAddress.Length) != 0) _ = Shutdown(socket, ShutBoth);
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(SafeHandle socket, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept4(SafeHandle listener, Span<byte> address, ref int length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int descriptor, Span<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeHandle socket, Span<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int descriptor, ReadOnlySpan<byte> bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, ReadOnlySpan<byte> bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int Shutdown(SafeHandle socket, int how);
}
