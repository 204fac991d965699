using System.Net;
using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>Reads the addresses of a connection: <c>struct sockaddr</c>, getsockname(2) and getpeername(2).</summary>
internal static partial class SocketNames
{
    // struct sockaddr_storage.
    private const int MaxAddressLength = 128;

    /// <summary>Returns the local address of the connection.</summary>
    public static EndPoint? LocalOf(SafeHandle socket)
    {
        Span<byte> address = stackalloc byte[MaxAddressLength];
        int length = MaxAddressLength;
        return GetSocketName(socket, address, ref length) == 0 ? Parse(address[..length]) : null;
    }

    /// <summary>Writes the client's address of a connection (getpeername(2)). Returns false with the errno in <see cref="LibC.LastError"/>.</summary>
    public static bool TryReadPeer(int connection, Span<byte> address)
    {
        int length = address.Length;
        return GetPeerName(connection, address, ref length) == 0;
    }

    /// <summary>Parses an IPv4 or IPv6 address with its port; returns null for any other.</summary>
    /// <param name="bytes">A <c>struct sockaddr</c>.</param>
    public static EndPoint? Parse(ReadOnlySpan<byte> bytes)
    {
        IPAddress? any = bytes.Length < sizeof(ushort) ? null : MemoryMarshal.Read<ushort>(bytes) switch
        {
            SocketFamily.Inet => IPAddress.Any,
            SocketFamily.Inet6 => IPAddress.IPv6Any,
            _ => null,
        };
        if (any is null) return null;
        var address = new SocketAddress(any.AddressFamily, bytes.Length);
        bytes.CopyTo(address.Buffer.Span);
        return new IPEndPoint(any, 0).Create(address);
    }

    [LibraryImport("libc", EntryPoint = "getsockname")]
    private static partial int GetSocketName(SafeHandle socket, Span<byte> address, ref int length);

    [LibraryImport("libc", EntryPoint = "getpeername", SetLastError = true)]
    private static partial int GetPeerName(int socket, Span<byte> address, ref int length);
}
