using System.Net;
using Microsoft.AspNetCore.Http;
using Rcomm.Shared.Linux;

namespace Rcomm.Http;

/// <summary>Allows or denies clients by address. Clients on a Unix socket have no address and are allowed.</summary>
internal sealed class AddressRules(IReadOnlyList<IPNetwork> allowed, IReadOnlyList<IPNetwork> denied)
{
    public bool Serves(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address) return true;
        address = MappedAddress.Unmap(address);
        return !denied.Any(network => network.Contains(address)) && (allowed.Count == 0 || allowed.Any(network => network.Contains(address)));
    }
}
