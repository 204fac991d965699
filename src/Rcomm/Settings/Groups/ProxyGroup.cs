using System.Net;
using Rcomm.Proxy;

namespace Rcomm.Settings.Groups;

/// <summary>The settings for upstreams, and for proxies in front of the server.</summary>
internal static class ProxyGroup
{
    public static readonly SettingGroup Group = new("Proxy");

    public static readonly Setting<IReadOnlyList<UpstreamAddress>> Upstream = new(Group, "upstream", "", ValueKinds.Upstreams,
        "forward all requests to this service, e.g. http://127.0.0.1:3000, :3000 (on this machine) or unix:/run/app.sock; several, separated by commas, " +
        "share the requests");

    public static readonly Setting<Version> UpstreamHttp = new(Group, "upstream-http", "1.1", ValueKinds.UpstreamHttp,
        "the HTTP version for requests to upstreams; gRPC needs 2");

    public static readonly Setting<int> UpstreamConnections = new(Group, "upstream-connections", "64", ValueKinds.Number(1, 65535),
        "maximum number of simultaneous requests to upstreams, and so of connections; others wait for their turn");

    public static readonly Setting<int> UpstreamQueue = new(Group, "upstream-queue", "20000", ValueKinds.Number(0, int.MaxValue),
        "maximum number of requests that wait for their turn; further ones get 503");

    public static readonly Setting<TimeSpan> UpstreamWait = new(Group, "upstream-wait", "30s", ValueKinds.Time,
        "how long a request may wait for its turn before it gets 503");

    public static readonly Setting<TimeSpan> UpstreamConnectTimeout = new(Group, "upstream-connect-timeout", "10s", ValueKinds.Time,
        "how long connecting to an upstream may take");

    public static readonly Setting<TimeSpan> UpstreamTimeout = new(Group, "upstream-timeout", "100s", ValueKinds.Time,
        "how long an upstream may be silent before a request gets 504");

    public static readonly Setting<TimeSpan> UpstreamStreamTimeout = new(Group, "upstream-stream-timeout", "0s", ValueKinds.Time,
        "how long a WebSocket or event stream may be silent; 0s for no limit");

    public static readonly Setting<string> UpstreamHealth = new(Group, "upstream-health", "", ValueKinds.UrlPath,
        "health-check path, e.g. /healthz, requested every 5 s; an upstream that fails twice gets no requests until it answers again");

    public static readonly Setting<string> UpstreamCa = new(Group, "upstream-ca", "", ValueKinds.File,
        "trust only these certificate authorities for https:// upstreams: a PEM file");

    public static readonly Setting<bool> UpstreamBuffering = new(Group, "upstream-buffering", "on", ValueKinds.Switch,
        "buffer bodies for slow clients, so that they don't block an upstream");

    public static readonly Setting<int> UpstreamBufferMemory = new(Group, "upstream-buffer-memory", "64m", ValueKinds.Size,
        "memory for buffered bodies, for all requests together; the rest goes to temporary files");

    public static readonly Setting<int> UpstreamBufferFile = new(Group, "upstream-buffer-file", "1g", ValueKinds.Size,
        "maximum size of the temporary file for each buffered body; a larger body passes at the client's speed");

    public static readonly Setting<bool> UpstreamTrace = new(Group, "upstream-trace", "off", ValueKinds.Switch,
        "forward TRACE requests, which are otherwise refused");

    public static readonly Setting<string> Via = new(Group, "via", "rcomm", ValueKinds.Pseudonym,
        "the name of this proxy in the Via field of forwarded requests; off to omit it");

    public static readonly Setting<IReadOnlyList<IPNetwork>> TrustedProxies = new(Group, "trusted-proxies", "", ValueKinds.Networks,
        "proxies whose Forwarded and X-Forwarded-For, -Proto and -Host headers are trusted: networks, separated by commas");

    public static readonly Setting<bool> ProxyProtocol = new(Group, "proxy-protocol", "off", ValueKinds.Switch,
        "expect the PROXY protocol, version 1 or 2, at the start of each connection; only behind a proxy that sends it");
}
