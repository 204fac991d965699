using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>An eventfd(2): a counter that ends the wait of poll(2) or epoll(7).</summary>
internal sealed partial class EventDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <exception cref="ErrnoException">The process is out of descriptors.</exception>
    public EventDescriptor()
        : base(ownsHandle: true)
    {
        SetHandle(EventFd(0, LibC.NonBlocking | LibC.CloseOnExec));
        if (IsInvalid) throw ErrnoException.Last("eventfd");
    }

    /// <summary>Ends every wait for the event, now and until it is read.</summary>
    public void Signal()
    {
        ulong one = 1;
        try
        {
            _ = LibC.Write(this, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)));
        }
        catch (ObjectDisposedException)
        {
            // Whoever waited for it has ended.
        }
    }

    /// <summary>Reads the event: waits begin again.</summary>
    public void Reset() => _ = LibC.Read(this, out _, sizeof(ulong));

    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint start, int flags);
}
