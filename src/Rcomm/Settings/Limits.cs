namespace Rcomm.Settings;

/// <summary>The limits of a client, a connection or a request; 0 means no limit for counts that allow it.</summary>
internal sealed record Limits
{
    public required int ClientConnections { get; init; }

    /// <summary>The maximum number of new connections per second from one client.</summary>
    public required int ClientRate { get; init; }

    public required int RequestsPerConnection { get; init; }

    /// <summary>The maximum length of the request line in bytes.</summary>
    public required int RequestLine { get; init; }

    /// <summary>The maximum number of headers.</summary>
    public required int HeaderCount { get; init; }

    /// <summary>The maximum size of all headers together in bytes.</summary>
    public required int HeaderSize { get; init; }

    /// <summary>The maximum size of the body in bytes.</summary>
    public required int Body { get; init; }

    public required TimeSpan HeaderTimeout { get; init; }

    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>The minimum rate in bytes per second.</summary>
    public required int MinRate { get; init; }
}
