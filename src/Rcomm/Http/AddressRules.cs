using System.Net;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Http;

/// <summary>Serves clients by their address. Clients on a Unix socket have none, and are served.</summary>
internal sealed class AddressRules(IReadOnlyList<IPNetwork> allowed, IReadOnlyList<IPNetwork> denied)
{
    public bool Serves(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address) return true;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return !denied.Any(network => network.Contains(address)) && (allowed.Count == 0 || allowed.Any(network => network.Contains(address)));
    }
}
