using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Rcomm.Proxy;

/// <summary>Performs the TLS handshake with an upstream.</summary>
/// <param name="host">The name that its certificate must have.</param>
/// <param name="protocol">The protocol used afterwards, which the upstream must agree to (ALPN, RFC 7301); HTTP/1.1 needs no agreement.</param>
/// <param name="authorities">The trusted certificate authorities; null for the system's.</param>
internal sealed class UpstreamTls(string host, SslApplicationProtocol protocol, X509Certificate2Collection? authorities)
{
    /// <exception cref="UpstreamException">The handshake failed.</exception>
    public async Task<SslStream> EncryptAsync(Socket socket, CancellationToken cancellationToken)
    {
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        string? problem = null;
        var settings = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ApplicationProtocols = [protocol],
            CertificateChainPolicy = authorities is not null ? PolicyOf(authorities) : null,
            RemoteCertificateValidationCallback = (_, _, chain, errors) => (problem = ProblemOf(chain, errors)) is null,
        };
        try
        {
            await tls.AuthenticateAsClientAsync(settings, cancellationToken);
            if (protocol == SslApplicationProtocol.Http2 && tls.NegotiatedApplicationProtocol != protocol) throw new AuthenticationException();
            return tls;
        }
        catch (Exception e)
        {
            await tls.DisposeAsync();
            string reason = protocol == SslApplicationProtocol.Http2 ? "the TLS handshake for HTTP/2 failed" : "the TLS handshake failed";
            if (e is AuthenticationException or IOException) throw new UpstreamException(UpstreamFailure.NotConnected, problem ?? reason, e);
            throw;
        }
    }

    private string? ProblemOf(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return null;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return "it has no certificate";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return $"its certificate isn't for {host}";
        IEnumerable<string> why = chain?.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')) ?? [];
        return $"its certificate isn't trusted ({string.Join(", ", why)}); name its authority with --upstream-ca";
    }

    private static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
