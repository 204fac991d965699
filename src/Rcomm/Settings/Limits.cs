namespace Rcomm.Settings;

/// <summary>What one client, connection or request may take; 0 for no limit where a count can be.</summary>
internal sealed record Limits
{
    public required int ClientConnections { get; init; }

    /// <summary>New connections a second of one client.</summary>
    public required int ClientRate { get; init; }

    public required int RequestsPerConnection { get; init; }

    /// <summary>Bytes.</summary>
    public required int RequestLine { get; init; }

    /// <summary>Headers.</summary>
    public required int HeaderCount { get; init; }

    /// <summary>Bytes of all headers together.</summary>
    public required int HeaderSize { get; init; }

    /// <summary>Bytes.</summary>
    public required int Body { get; init; }

    public required TimeSpan HeaderTimeout { get; init; }

    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>Bytes a second.</summary>
    public required int MinRate { get; init; }
}
