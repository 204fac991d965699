using System.Globalization;
using System.Net.Sockets;

namespace Rcomm.Shared.Linux;

/// <summary>The kernel's cap on every backlog, <c>net.core.somaxconn</c>, which each network namespace has for itself (listen(2)).</summary>
internal static class SomaxConn
{
    private const string Path = "/proc/sys/net/core/somaxconn";

    /// <summary>Returns the cap in the socket's network namespace; null if that isn't this process's, or /proc isn't mounted.</summary>
    public static int? For(Socket socket) => IsInOurNamespace(socket) ? Here() : null;

    /// <summary>Returns the cap in this process's network namespace; null if it can't be read.</summary>
    public static int? Here()
    {
        try
        {
            return int.TryParse(File.ReadAllText(Path), CultureInfo.InvariantCulture, out int cap) ? cap : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Returns false for a socket of another network namespace, e.g. an inherited one. /proc/sys/net and /proc/net always show the reader's namespace.
    /// </summary>
    public static bool IsInOurNamespace(Socket socket)
    {
        using var ours = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return Cookie(ours) == Cookie(socket);
    }

    // Kernels before 5.14 have no cookie: both then read as 0, so the namespace is assumed to be this process's.
    private static ulong Cookie(Socket socket)
    {
        Span<byte> cookie = stackalloc byte[sizeof(ulong)];
        cookie.Clear();
        try
        {
            SocketOption.NetNsCookie.Get(socket, cookie);
        }
        catch (SocketException)
        {
            return 0;
        }
        return BitConverter.ToUInt64(cookie);
    }
}
