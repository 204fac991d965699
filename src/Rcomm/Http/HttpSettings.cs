using System.Net;
using Rcomm.Settings;

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
