using System.Net;
using Rcomm.Listening.Addresses;
using Rcomm.Proxy;

namespace Rcomm.Settings;

/// <summary>Finds upstreams that are the server itself: each request would cause another one, until nothing is free.</summary>
internal static class ProxyLoops
{
    /// <exception cref="ConfigurationException">There is one.</exception>
    public static void Refuse(ServeSettings settings)
    {
        foreach (ProxyRoute route in settings.Proxy)
            foreach (UpstreamAddress upstream in route.Upstreams)
                // With a path prefix, a request may match another route when it comes back.
                if (upstream.BasePath == "" && settings.Addresses.SelectMany(address => address.Expand()).Any(address => Reaches(upstream, address)))
                    throw new ConfigurationException($"The upstream {upstream} of {route.Path} is this server itself, so requests would be forwarded " +
                        "in a loop. Name the port of the service, or listen on another port (--port).");
    }

    private static bool Reaches(UpstreamAddress upstream, ListenAddress address)
    {
        if (upstream.UnixPath is { } path) return address.UnixPath == path;
        if (address.IsUnix || address.Port != upstream.Port || address.Port == 0) return false;
        string host = upstream.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" : upstream.Host;
        // Another name may resolve to any machine.
        if (!IPAddress.TryParse(host, out IPAddress? ip)) return false;
        return Equals(address.Ip, ip) || (address.IsWildcard && IPAddress.IsLoopback(ip));
    }
}
