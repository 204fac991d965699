using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux.SockDiag;

/// <summary>The descriptor of a netlink(7) socket for sock_diag(7).</summary>
internal sealed partial class SafeNetlinkHandle() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
{
    private const int SockRaw = 3;
    private const int NetlinkSockDiag = 4;

    /// <summary>Calls socket(2). On failure the handle is invalid, with the errno in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public static SafeNetlinkHandle Open() => Socket(SocketFamily.Netlink, SockRaw | LibC.CloseOnExec, NetlinkSockDiag);

    /// <summary>Sends a message to the kernel (send(2)).</summary>
    public bool TrySend(ReadOnlySpan<byte> message) => Send(this, message, (nuint)message.Length, 0) == message.Length;

    /// <summary>Receives one datagram of whole messages (recv(2)). Returns -1 on failure.</summary>
    public int Receive(Span<byte> buffer) => (int)Recv(this, buffer, (nuint)buffer.Length, 0);

    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial SafeNetlinkHandle Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeNetlinkHandle socket, ReadOnlySpan<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Recv(SafeNetlinkHandle socket, Span<byte> buffer, nuint length, int flags);
}
