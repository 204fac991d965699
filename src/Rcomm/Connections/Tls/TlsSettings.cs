using Rcomm.Listening.Addresses;


namespace Rcomm.Connections.Tls;

/// <summary>Configures HTTPS.</summary>
/// <param name="Certificates">At least one; or none, to create one at startup.</param>
/// <param name="Redirect">Addresses whose plain HTTP is redirected to HTTPS.</param>
/// <param name="PublicPort">The port at which clients reach HTTPS, if it differs from the listening port.</param>
/// <param name="Hsts">How long browsers must use HTTPS only; null for no such header.</param>
internal sealed record TlsSettings(
    IReadOnlyList<CertificateFile> Certificates, IReadOnlyList<ListenAddress> Redirect, int? PublicPort, TimeSpan? Hsts, bool Http3);
