using Rcomm.Listening.Addresses;


namespace Rcomm.Connections.Tls;

/// <summary>How HTTPS is served.</summary>
/// <param name="Certificates">At least one, or none for one made at the start.</param>
/// <param name="Redirect">Addresses at which plain HTTP is sent to HTTPS.</param>
/// <param name="PublicPort">The port at which clients reach HTTPS, where it isn't the one that is listened on.</param>
/// <param name="Hsts">For how long clients are told to use HTTPS alone; null for not at all.</param>
internal sealed record TlsSettings(
    IReadOnlyList<CertificateFile> Certificates, IReadOnlyList<ListenAddress> Redirect, int? PublicPort, TimeSpan? Hsts, bool Http3);
