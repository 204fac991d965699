using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>Calls listen(2) on a descriptor that other processes share.</summary>
internal static partial class ListenCall
{
    /// <summary>Sets another backlog. Returns 0 or the errno.</summary>
    public static int Listen(SafeDescriptor socket, int backlog) => ListenNow(socket, backlog) == 0 ? 0 : (int)LibC.LastError;

    /// <summary>Returns true if the socket listens (<c>SO_ACCEPTCONN</c>, socket(7)).</summary>
    public static bool IsListening(SafeDescriptor socket)
    {
        int listening = 0;
        return SocketOption.AcceptsConnections.Get(socket, MemoryMarshal.AsBytes(new Span<int>(ref listening))) >= 0 && listening != 0;
    }

    /// <summary>Returns the listener that clients of a Unix socket see (<c>SO_PEERCRED</c>, unix(7)); null for other sockets.</summary>
    public static PeerCredentials? ReadCredentials(SafeDescriptor socket)
    {
        PeerCredentials credentials = default;
        return SocketOption.PeerCredentials.Get(socket, MemoryMarshal.AsBytes(new Span<PeerCredentials>(ref credentials))) >= 0 && credentials.Process > 0
            ? credentials : null;
    }

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenNow(SafeDescriptor socket, int backlog);

    /// <summary><c>struct ucred</c> (unix(7)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PeerCredentials
    {
        public int Process;
        public uint User;
        public uint Group;
    }
}
