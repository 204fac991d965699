using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Listening.Linux;

/// <summary>accept4(2), poll(2), eventfd(2), fcntl(2), setsockopt(2) and close(2), as the accept loop needs them.</summary>
internal static partial class SocketCalls
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int SetDescriptorFlags = 2;
    private const int FdCloseOnExec = 1;
    private const int DuplicateCloseOnExec = 1030;

    /// <summary>Bits of <c>struct pollfd</c>'s events.</summary>
    public const short PollIn = 1;

    /// <summary>
    /// Takes the next connection off the queue, close-on-exec and blocking (.NET makes it non-blocking at its first asynchronous call).
    /// Returns -1 with errno in <see cref="Marshal.GetLastPInvokeError"/>.
    /// </summary>
    public static int Accept(SafeSocketHandle listener) => Accept4(listener, 0, 0, CloseOnExec);

    /// <summary>
    /// Has the close of a connection send what is not sent yet (<c>SO_LINGER</c> off, socket(7)). Accepted connections inherit the option, and whoever held the listening
    /// socket as well may have set it: .NET does when it closes a descriptor.
    /// </summary>
    public static void DoNotDiscardAtClose(int connection)
    {
        long off = 0;
        _ = SetSocketOption(connection, SocketOption.Linger.Level, SocketOption.Linger.Number, in off, sizeof(long));
    }

    /// <summary>
    /// Closes a socket that another process holds too, and leaves it as it was: .NET sets <c>SO_LINGER</c> when it closes a descriptor, which would then hold for the other's
    /// connections.
    /// </summary>
    public static void CloseHere(SafeSocketHandle socket)
    {
        if (socket.IsClosed) return;
        int copy = Fcntl(socket, DuplicateCloseOnExec, 0);
        socket.Dispose();
        if (copy < 0) return;
        DoNotDiscardAtClose(copy);
        _ = Close(copy);
    }

    /// <summary>Sets close-on-exec on a descriptor that came from another process (fcntl(2), F_SETFD).</summary>
    public static void SetCloseOnExec(SafeSocketHandle socket) => _ = Fcntl(socket, SetDescriptorFlags, FdCloseOnExec);

    /// <summary>A counter that poll(2) can wait for.</summary>
    /// <exception cref="IOException">The process is out of descriptors.</exception>
    public static SafeEventHandle NewEvent()
    {
        SafeEventHandle handle = EventFd(0, NonBlocking | CloseOnExec);
        return handle.IsInvalid ? throw new IOException($"eventfd: {Marshal.GetLastPInvokeErrorMessage()}") : handle;
    }

    /// <summary>Makes every poll(2) on the event return, now and until it is read.</summary>
    public static void Signal(SafeEventHandle handle)
    {
        ulong one = 1;
        _ = Write(handle, in one, sizeof(ulong));
    }

    /// <summary>Waits until one of the descriptors has an event, or so many milliseconds (-1: for ever).</summary>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(Span<PollDescriptor> descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept4(SafeSocketHandle listener, nint address, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetSocketOption(int socket, int level, int option, in long value, int length);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeSocketHandle socket, int command, int argument);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial SafeEventHandle EventFd(uint start, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeEventHandle handle, in ulong value, nuint size);

    /// <summary><c>struct pollfd</c> (poll(2)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
