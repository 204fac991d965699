using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Transport.Linux;

/// <summary>An eventfd(2) that ends the wait of an epoll.</summary>
internal sealed partial class StopEvent : SafeHandleMinusOneIsInvalid
{
    private const int CloseOnExec = 0x80000;

    /// <exception cref="IOException">The process is out of descriptors.</exception>
    public StopEvent()
        : base(ownsHandle: true)
    {
        SetHandle(EventFd(0, CloseOnExec));
        if (IsInvalid) throw new IOException($"eventfd: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    public void Signal()
    {
        ulong one = 1;
        _ = Write(this, in one, sizeof(ulong));
    }

    protected override bool ReleaseHandle() => ConnectionCalls.Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint start, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeHandle handle, in ulong value, nuint size);
}
