using System.Net;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst;

/// <summary>The address ranges that are reachable only from one's own network.</summary>
internal static class PrivateAddresses
{
    private static readonly IPNetwork[] Ranges =
    [
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("::1/128"),
        // Connecting to the wildcard address connects to this host (ip(7)).
        IPNetwork.Parse("0.0.0.0/32"),
        IPNetwork.Parse("::/128"),
        // RFC 1918, RFC 4193.
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("fc00::/7"),
        // Link-local: RFC 3927, RFC 4291.
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("fe80::/10"),
    ];

    public static bool Contains(IPAddress address)
    {
        IPAddress plain = MappedAddress.Unmap(address);
        return Array.Exists(Ranges, range => range.Contains(plain));
    }
}
