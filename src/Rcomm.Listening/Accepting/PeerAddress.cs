using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>
/// A client's address as accept4(2) returns it (<c>struct sockaddr_in</c> or <c>sockaddr_in6</c>), converted to an object only on request.
/// </summary>
[InlineArray(Size)]
public struct PeerAddress
{
    /// <summary>The size of <c>sockaddr_in6</c>, the larger of the two (ipv6(7)).</summary>
    internal const int Size = 28;

    private const int IPv4Size = 16;
    private const int IPv4Offset = 4;
    private const int IPv6Offset = 8;

    private byte _first;

    private readonly ushort Family => MemoryMarshal.Read<ushort>((ReadOnlySpan<byte>)this);

    /// <summary>Gets the IP address in network byte order; empty if there is none. The span is valid as long as this address.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Ip => Family switch
    {
        SocketFamily.Inet => ((ReadOnlySpan<byte>)this).Slice(IPv4Offset, 4),
        SocketFamily.Inet6 => ((ReadOnlySpan<byte>)this).Slice(IPv6Offset, 16),
        _ => default,
    };

    /// <summary>Returns the address and port; null for a client on a Unix socket.</summary>
    public readonly EndPoint? ToEndPoint() =>
        Ip.IsEmpty ? null : SocketNames.Parse(((ReadOnlySpan<byte>)this)[..(Family == SocketFamily.Inet ? IPv4Size : Size)]);
}
