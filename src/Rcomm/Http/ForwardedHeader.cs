using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Rcomm.Http;

/// <summary>
/// Writes a trusted proxy's <c>Forwarded</c> (RFC 7239) as the <c>X-Forwarded-</c> headers that the framework reads, and takes both away where the
/// connection comes from anybody else.
/// </summary>
internal sealed class ForwardedHeader(IReadOnlyList<IPNetwork> trusted)
{
    private static readonly string[] Names = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"];

    public void Translate(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (!IsTrusted(context.Connection.RemoteIpAddress))
        {
            foreach (string name in Names) headers.Remove(name);
            return;
        }
        if (headers["Forwarded"] is not { Count: > 0 } forwarded) return;

        // The framework counts each list from its end, where the nearest proxy wrote. So a list ends at the first element, from there, that lacks it: what stands
        // before would be taken for the word of another proxy, or for one where the client itself wrote it.
        List<string> clients = [], schemes = [], hosts = [];
        string[] elements = forwarded.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (int read = 1; read <= elements.Length; read++)
        {
            foreach (string pair in elements[^read].Split(';', StringSplitOptions.TrimEntries))
            {
                int equals = pair.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0) continue;
                List<string>? list = pair[..equals].ToLowerInvariant() switch { "for" => clients, "proto" => schemes, "host" => hosts, _ => null };
                if (list?.Count == read - 1) list.Insert(0, pair[(equals + 1)..].Trim('"'));
            }
        }
        Set(headers, Names[1], clients);
        Set(headers, Names[2], schemes);
        Set(headers, Names[3], hosts);
    }

    // A client on a Unix socket is whoever may open its file.
    private bool IsTrusted(IPAddress? peer)
    {
        if (peer is null) return true;
        IPAddress address = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        return trusted.Any(network => network.Contains(address));
    }

    private static void Set(IHeaderDictionary headers, string name, List<string> values)
    {
        if (values.Count > 0) headers[name] = new StringValues(string.Join(", ", values));
        else headers.Remove(name);
    }
}
