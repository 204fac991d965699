using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Rcomm.Shared.Linux;

namespace Rcomm.Http;

/// <summary>
/// Applies what trusted proxies report about a client in <c>Forwarded</c> (RFC 7239) or <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c>. The
/// values become the connection's address, scheme and host, and the fields are removed.
/// </summary>
internal sealed class ForwardedHeader(IReadOnlyList<IPNetwork> trusted)
{
    private static readonly string[] Names = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"];

    public void Apply(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (IsTrusted(context.Connection.RemoteIpAddress))
        {
            if (headers[Names[0]] is { Count: > 0 } forwarded) ApplyHops(context, Read(forwarded.ToString()));
            else ApplyHops(context, [.. Join(List(headers[Names[1]]), List(headers[Names[2]]), List(headers[Names[3]]))]);
        }
        foreach (string name in Names) headers.Remove(name);
    }

    // Starts at the end, where the nearest proxy wrote. Each hop counts if the one that reported it is trusted.
    private void ApplyHops(HttpContext context, IReadOnlyList<Hop> hops)
    {
        foreach (Hop hop in hops)
        {
            if (!IsTrusted(context.Connection.RemoteIpAddress)) return;
            if (hop.Client is not null)
            {
                if (!IPEndPoint.TryParse(hop.Client, out IPEndPoint? client)) return;
                (context.Connection.RemoteIpAddress, context.Connection.RemotePort) = (client.Address, client.Port);
            }
            if (hop.Scheme is { Length: > 0 } scheme && scheme.All(one => char.IsAsciiLetterOrDigit(one) || one is '+' or '-' or '.'))
                context.Request.Scheme = scheme;
            if (hop.Host is { Length: > 0 } host) context.Request.Headers.Host = host;
            // The hops before an unnamed one are unknown.
            if (hop.Client is null) return;
        }
    }

    private static IEnumerable<Hop> Join(string[] clients, string[] schemes, string[] hosts)
    {
        for (int i = 1; i <= Math.Max(clients.Length, Math.Max(schemes.Length, hosts.Length)); i++)
            yield return new(At(clients, i), At(schemes, i), At(hosts, i));
    }

    private static List<Hop> Read(string forwarded)
    {
        List<Hop> hops = [];
        foreach (string element in List(forwarded).Reverse())
        {
            string? client = null, scheme = null, host = null;
            foreach (string pair in element.Split(';', StringSplitOptions.TrimEntries))
            {
                int equals = pair.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0) continue;
                string value = pair[(equals + 1)..].Trim('"');
                switch (pair[..equals].ToLowerInvariant())
                {
                    case "for": client = value; break;
                    case "proto": scheme = value; break;
                    case "host": host = value; break;
                }
            }
            hops.Add(new(client, scheme, host));
        }
        return hops;
    }

    private static string[] List(StringValues values) => values.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string? At(string[] list, int fromEnd) => fromEnd <= list.Length ? list[^fromEnd] : null;

    // A client on a Unix socket is trusted through the permissions of its file.
    private bool IsTrusted(IPAddress? peer)
    {
        if (peer is null) return true;
        IPAddress address = MappedAddress.Unmap(peer);
        return trusted.Any(network => network.Contains(address));
    }

    private readonly record struct Hop(string? Client, string? Scheme, string? Host);
}
