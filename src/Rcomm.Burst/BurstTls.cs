using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Rcomm.Burst;

/// <summary>How a burst speaks TLS.</summary>
public sealed record BurstTls
{
    /// <summary>Accepts every certificate.</summary>
    public bool AcceptAnyCertificate { get; init; }

    /// <summary>The roots to trust; null for those of the system.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The client's own certificate with its key, for servers that ask for one; null for none.</summary>
    public SslStreamCertificateContext? ClientCertificate { get; init; }

    /// <summary>
    /// Resumes a session that one connection before the burst received, as clients do that return. <see cref="SslStream"/> keeps sessions by the
    /// host's name, so the
    /// target needs one.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>The application protocols to offer (ALPN, RFC 7301); null for the one that the burst speaks.</summary>
    public IReadOnlyList<string>? ApplicationProtocols { get; init; }
}
