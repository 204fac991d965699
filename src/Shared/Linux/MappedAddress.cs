using System.Net;

namespace Rcomm.Shared.Linux;

/// <summary>IPv4 clients of an IPv6 socket, which have addresses like <c>::ffff:192.0.2.1</c> (ipv6(7)).</summary>
internal static class MappedAddress
{
    /// <summary>Returns the IPv4 address of such a client, and any other address as it is.</summary>
    public static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
