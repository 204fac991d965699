namespace Rcomm.Settings.Groups;

/// <summary>The settings that limit clients.</summary>
internal static class LimitsGroup
{
    public static readonly SettingGroup Group = new("Limits");

    public static readonly Setting<int> MaxConnections = new(Group, "max-connections", "0", ValueKinds.Number(0, int.MaxValue),
        "maximum number of open connections; at the limit, idle ones are closed to make room, and new ones wait in the listen queue; 0 for no limit")
        { IsCommon = true, Unset = "as many as memory holds" };

    public static readonly Setting<Overload> Overload = new(Group, "overload", "wait", ValueKinds.OneOf<Overload>(),
        "what happens to connections past --max-connections: wait (in the listen queue), or reject (at once, with a 503 and Retry-After)");

    public static readonly Setting<int> ClientConnections = new(Group, "client-connections", "0", ValueKinds.Number(0, int.MaxValue),
        "maximum number of open connections from one client address (IPv6: from one /64); further ones are closed; 0 for no limit");

    public static readonly Setting<int> ClientRate = new(Group, "client-rate", "0", ValueKinds.Number(0, int.MaxValue),
        "maximum number of new connections a second from one client address (IPv6: from one /64); further ones get 429; 0 for no limit");

    public static readonly Setting<int> RequestsPerConnection = new(Group, "requests-per-connection", "0", ValueKinds.Number(0, int.MaxValue),
        "maximum number of requests on one connection, which is then closed; 0 for no limit");

    public static readonly Setting<int> MaxRequestLine = new(Group, "max-request-line", "8k", ValueKinds.Size,
        "maximum size of a request line; a longer one gets 414");

    public static readonly Setting<int> MaxHeaders = new(Group, "max-headers", "100", ValueKinds.Number(1, 10_000),
        "maximum number of headers in a request; more get 431");

    public static readonly Setting<int> MaxHeaderSize = new(Group, "max-header-size", "32k", ValueKinds.Size,
        "maximum size of all headers of a request together; more get 431");

    public static readonly Setting<int> MaxBody = new(Group, "max-body", "30m", ValueKinds.Size,
        "maximum size of a request body; a larger one gets 413");

    public static readonly Setting<TimeSpan> HeaderTimeout = new(Group, "header-timeout", "30s", ValueKinds.Time,
        "how long a client may take to send the request line and headers, and for a TLS handshake");

    public static readonly Setting<TimeSpan> IdleTimeout = new(Group, "idle-timeout", "130s", ValueKinds.Time,
        "how long a connection may stay open without a request");

    public static readonly Setting<int> MinRate = new(Group, "min-rate", "240", ValueKinds.Number(0, int.MaxValue),
        "minimum rate in bytes a second at which a client must send a body and read a response, after the first 5 s; 0 for no limit");
}
