namespace Rcomm.Settings.Groups;

/// <summary>How much of the server clients may use.</summary>
internal static class LimitsGroup
{
    public static readonly SettingGroup Group = new("Limits");

    public static readonly Setting<int> MaxConnections = new(Group, "max-connections", "0", ValueKinds.Number(0, int.MaxValue),
        "open connections; past it, idle ones make room, and new ones wait in the listen queue; 0 for no limit")
        { IsCommon = true, Unset = "as many as memory holds" };

    public static readonly Setting<Overload> Overload = new(Group, "overload", "wait", ValueKinds.OneOf<Overload>(),
        "what happens to connections past that limit: wait (in the listen queue), or reject (a 503 with Retry-After at once)");

    public static readonly Setting<int> ClientConnections = new(Group, "client-connections", "0", ValueKinds.Number(0, int.MaxValue),
        "open connections of one client address (IPv6: of one /64); more are closed; 0 for no limit");

    public static readonly Setting<int> ClientRate = new(Group, "client-rate", "0", ValueKinds.Number(0, int.MaxValue),
        "new connections a second from one client address (IPv6: from one /64); more get 429; 0 for no limit");

    public static readonly Setting<int> RequestsPerConnection = new(Group, "requests-per-connection", "0", ValueKinds.Number(0, int.MaxValue),
        "requests on one connection before it is closed; 0 for no limit");

    public static readonly Setting<int> MaxRequestLine = new(Group, "max-request-line", "8k", ValueKinds.Size,
        "bytes of a request line; a longer one gets 414");

    public static readonly Setting<int> MaxHeaders = new(Group, "max-headers", "100", ValueKinds.Number(1, 10_000),
        "headers of a request; more get 431");

    public static readonly Setting<int> MaxHeaderSize = new(Group, "max-header-size", "32k", ValueKinds.Size,
        "bytes of all headers of a request; more get 431");

    public static readonly Setting<int> MaxBody = new(Group, "max-body", "30m", ValueKinds.Size,
        "bytes of a request's body; a longer one gets 413");

    public static readonly Setting<TimeSpan> HeaderTimeout = new(Group, "header-timeout", "30s", ValueKinds.Time,
        "how long a client may take for a request's line and headers, and for a TLS handshake");

    public static readonly Setting<TimeSpan> IdleTimeout = new(Group, "idle-timeout", "130s", ValueKinds.Time,
        "how long a connection may stay open without a request");

    public static readonly Setting<int> MinRate = new(Group, "min-rate", "240", ValueKinds.Number(0, int.MaxValue),
        "bytes a second at which a client must send a body and read an answer, after the first 5 s; 0 for no limit");
}
