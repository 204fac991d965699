using System.Globalization;
using System.Net.Sockets;

namespace Rcomm.Shared.Linux;

/// <summary>The kernel's cap on every backlog, <c>net.core.somaxconn</c>, which each network namespace has of its own (listen(2)).</summary>
internal static class SomaxConn
{
    private const string Path = "/proc/sys/net/core/somaxconn";

    /// <summary>The cap in the socket's own network namespace; null where that is another than ours, or /proc is not there.</summary>
    public static int? For(Socket socket) => IsInOurNamespace(socket) ? Here() : null;

    /// <summary>The cap in this process's network namespace; null where it cannot be read.</summary>
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

    /// <summary>False for a socket of another network namespace, e.g. an inherited one, while /proc/sys/net and /proc/net show the reader's.</summary>
    public static bool IsInOurNamespace(Socket socket)
    {
        using var ours = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return Cookie(ours) == Cookie(socket);
    }

    // Kernels before 5.14 have no cookie; both read as 0 there and the namespace is taken to be ours.
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
