using System.Net;

namespace Rcomm.Settings.Groups;

/// <summary>Services behind the server, and proxies in front of it.</summary>
internal static class ProxyGroup
{
    public static readonly SettingGroup Group = new("Proxy");

    public static readonly Setting<IReadOnlyList<Uri>> Upstream = new(Group, "upstream", "", ValueKinds.Urls,
        "forward all requests to this service, e.g. http://127.0.0.1:3000; several, separated by commas, share them");

    public static readonly Setting<int> UpstreamConnections = new(Group, "upstream-connections", "64", ValueKinds.Number(1, 65535),
        "requests, and so connections, that upstreams get at once; others wait their turn");

    public static readonly Setting<int> UpstreamQueue = new(Group, "upstream-queue", "20000", ValueKinds.Number(0, int.MaxValue),
        "requests that may wait for their turn at an upstream; more get 503");

    public static readonly Setting<TimeSpan> UpstreamWait = new(Group, "upstream-wait", "30s", ValueKinds.Time,
        "how long a request may wait for its turn before it gets 503");

    public static readonly Setting<TimeSpan> UpstreamTimeout = new(Group, "upstream-timeout", "100s", ValueKinds.Time,
        "how long an upstream may be silent before a request gets 504");

    public static readonly Setting<string> UpstreamHealth = new(Group, "upstream-health", "", ValueKinds.UrlPath,
        "a path, e.g. /healthz, requested every 5 s; an upstream that fails twice gets no requests until it answers again");

    public static readonly Setting<IReadOnlyList<IPNetwork>> TrustedProxies = new(Group, "trusted-proxies", "", ValueKinds.Networks,
        "proxies whose Forwarded and X-Forwarded-For, -Proto and -Host headers are trusted: networks, separated by commas");

    public static readonly Setting<bool> ProxyProtocol = new(Group, "proxy-protocol", "off", ValueKinds.Switch,
        "connections begin with the PROXY protocol, version 1 or 2; only behind a proxy that sends it");
}
