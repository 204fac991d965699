using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Rcomm.Burst;

/// <summary>Configures TLS for a burst.</summary>
public sealed record BurstTls
{
    /// <summary>Gets whether every certificate is accepted.</summary>
    public bool AcceptAnyCertificate { get; init; }

    /// <summary>Gets the roots to trust; null for the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>Gets the client certificate with its key, for servers that request one; null for none.</summary>
    public SslStreamCertificateContext? ClientCertificate { get; init; }

    /// <summary>
    /// Gets whether to resume a session that one connection receives before the burst, as returning clients do. <see cref="SslStream"/> caches sessions
    /// by host name, so the target needs one.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Gets the application protocols to offer (ALPN, RFC 7301); null for the one that the burst uses.</summary>
    public IReadOnlyList<string>? ApplicationProtocols { get; init; }
}
