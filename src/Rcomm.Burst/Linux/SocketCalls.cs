using System.Runtime.InteropServices;

namespace Rcomm.Burst.Linux;

/// <summary>
/// A connection's calls on a bare descriptor, without an object for each: socket(2), bind(2), connect(2), send(2), recv(2), close(2).
/// They return -1 with errno in <see cref="LastError"/>.
/// </summary>
internal static partial class SocketCalls
{
    private const int Stream = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NoSignal = 0x4000;
    private const int SolSocket = 1;
    private const int SoError = 4;
    private const int SolIp = 0;
    private const int IpBindAddressNoPort = 24;

    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>A new non-blocking, close-on-exec stream socket.</summary>
    public static int Open(int family) => Socket(family, Stream | NonBlocking | CloseOnExec, 0);

    /// <summary>
    /// Fixes the source address and leaves the port to connect(2), which may give one port to several targets
    /// (<c>IP_BIND_ADDRESS_NO_PORT</c>, ip(7); it holds for IPv6 sockets too).
    /// </summary>
    public static int BindAddress(int descriptor, ReadOnlySpan<byte> address)
    {
        int on = 1;
        // A kernel before 4.2 does not know the option; then bind takes a port, and ports run out sooner.
        _ = SetSocketOption(descriptor, SolIp, IpBindAddressNoPort, in on, sizeof(int));
        return Bind(descriptor, address, address.Length);
    }

    public static int Connect(int descriptor, ReadOnlySpan<byte> address) => Connect(descriptor, address, address.Length);

    /// <summary>Sends without a SIGPIPE.</summary>
    public static nint Send(int descriptor, ReadOnlySpan<byte> bytes) => Send(descriptor, bytes, (nuint)bytes.Length, NoSignal);

    public static nint Receive(int descriptor, Span<byte> buffer) => Receive(descriptor, buffer, (nuint)buffer.Length, 0);

    /// <summary>The error that waits on the socket, which this call takes away (<c>SO_ERROR</c>, socket(7)).</summary>
    public static Errno TakeError(int descriptor)
    {
        int error = 0, length = sizeof(int);
        return GetSocketOption(descriptor, SolSocket, SoError, ref error, ref length) == 0 ? (Errno)error : LastError;
    }

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int descriptor, ReadOnlySpan<byte> bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int descriptor, Span<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetSocketOption(int descriptor, int level, int option, in int value, int length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetSocketOption(int descriptor, int level, int option, ref int value, ref int length);
}
