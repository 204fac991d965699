using System.Net;
using Rcomm.Settings;

namespace Rcomm.Http;

/// <summary>Configures who is served, the limits of each client, and response headers.</summary>
internal sealed record HttpSettings
{
    /// <summary>Headers of every response.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>
    /// Headers of every response over HTTPS: <c>Strict-Transport-Security</c> must not be sent on a plain connection (RFC 6797, section 7.2).
    /// </summary>
    public required IReadOnlyList<KeyValuePair<string, string>> SecureHeaders { get; init; }

    /// <summary>Origins whose pages may read responses; <c>*</c> for all, empty for none.</summary>
    public required IReadOnlyList<string> CorsOrigins { get; init; }

    /// <summary>Clients that are allowed; empty for all.</summary>
    public required IReadOnlyList<IPNetwork> Allowed { get; init; }

    public required IReadOnlyList<IPNetwork> Denied { get; init; }

    /// <summary>Names and passwords; null if none are required.</summary>
    public required PasswordFile? Passwords { get; init; }

    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    public required bool ProxyProtocol { get; init; }

    public required Limits Limits { get; init; }
}
