using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux.SockDiag;

/// <summary>The descriptor of a netlink(7) socket that speaks sock_diag(7).</summary>
internal sealed partial class SafeNetlinkHandle() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
{
    private const int AfNetlink = 16;
    private const int SockRaw = 3;
    private const int NetlinkSockDiag = 4;

    /// <summary>socket(2); invalid, with errno in <see cref="Marshal.GetLastPInvokeError"/>, where the system refuses it.</summary>
    public static SafeNetlinkHandle Open() => Socket(AfNetlink, SockRaw | LibC.CloseOnExec, NetlinkSockDiag);

    /// <summary>send(2) to the kernel.</summary>
    public bool TrySend(ReadOnlySpan<byte> message) => Send(this, message, (nuint)message.Length, 0) == message.Length;

    /// <summary>recv(2): one datagram of whole messages; -1 where it failed.</summary>
    public int Receive(Span<byte> buffer) => (int)Recv(this, buffer, (nuint)buffer.Length, 0);

    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial SafeNetlinkHandle Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeNetlinkHandle socket, ReadOnlySpan<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Recv(SafeNetlinkHandle socket, Span<byte> buffer, nuint length, int flags);
}
