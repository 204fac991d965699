using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>An eventfd(2), used to end a wait in poll(2) or epoll(7).</summary>
internal sealed partial class EventDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <exception cref="ErrnoException">The process is out of descriptors.</exception>
    public EventDescriptor()
        : base(ownsHandle: true)
    {
        SetHandle(EventFd(0, LibC.NonBlocking | LibC.CloseOnExec));
        if (IsInvalid) throw ErrnoException.Last("eventfd");
    }

    /// <summary>Ends every wait for the event, now and until it is reset.</summary>
    public void Signal()
    {
        ulong one = 1;
        try
        {
            _ = LibC.Write(this, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)));
        }
        catch (ObjectDisposedException)
        {
            // The thread that waited for it has ended.
        }
    }

    /// <summary>Resets the event, so that waits block again.</summary>
    public void Reset() => _ = LibC.Read(this, out _, sizeof(ulong));

    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint start, int flags);
}
