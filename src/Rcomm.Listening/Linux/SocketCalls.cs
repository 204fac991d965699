using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Listening.Linux;

/// <summary>accept4(2), poll(2), eventfd(2) and fcntl(2), as the accept loop needs them.</summary>
internal static partial class SocketCalls
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int SetDescriptorFlags = 2;
    private const int FdCloseOnExec = 1;

    /// <summary>Bits of <c>struct pollfd</c>'s events.</summary>
    public const short PollIn = 1;

    /// <summary>
    /// Takes the next connection off the queue, close-on-exec and blocking (.NET makes it non-blocking at its first asynchronous call).
    /// Returns -1 with errno in <see cref="Marshal.GetLastPInvokeError"/>.
    /// </summary>
    public static int Accept(SafeSocketHandle listener) => Accept4(listener, 0, 0, CloseOnExec);

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

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept4(SafeSocketHandle listener, nint address, nint length, int flags);

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
