using System.Net;

namespace Rcomm.Http;

/// <summary>Who is served, how much of the server one client may have, and what browsers are told.</summary>
internal sealed record HttpSettings
{
    /// <summary>Headers of every answer.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>Headers of every answer over HTTPS: on a plain connection <c>Strict-Transport-Security</c> must not stand (RFC 6797, section 7.2).</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> SecureHeaders { get; init; }

    /// <summary>Origins whose pages may read answers; <c>*</c> for all, none for none.</summary>
    public required IReadOnlyList<string> CorsOrigins { get; init; }

    /// <summary>Clients that are served; none for all.</summary>
    public required IReadOnlyList<IPNetwork> Allowed { get; init; }

    public required IReadOnlyList<IPNetwork> Denied { get; init; }

    /// <summary>Names and passwords; null where nobody is asked.</summary>
    public required PasswordFile? Passwords { get; init; }

    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    public required bool ProxyProtocol { get; init; }

    public required Limits Limits { get; init; }
}

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
