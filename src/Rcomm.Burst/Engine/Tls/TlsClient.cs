using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Rcomm.Burst.Engine.Streams;
using Rcomm.Burst.Results;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine.Tls;

/// <summary>Runs the TLS handshakes of a burst, and finds out why one failed.</summary>
internal sealed class TlsClient(BurstTls tls, string hostName, bool http2)
{
    private readonly SslClientAuthenticationOptions _options = new()
    {
        TargetHost = hostName,
        ApplicationProtocols = [.. (tls.ApplicationProtocols ?? [http2 ? "h2" : "http/1.1"]).Select(name => new SslApplicationProtocol(name))],
        ClientCertificateContext = tls.ClientCertificate,
        AllowTlsResume = tls.Resume,
        CertificateChainPolicy = PolicyFor(tls),
    };

    /// <summary>Runs the handshake. Returns null if it failed; the state then has the reason.</summary>
    /// <param name="descriptor">The connection; it may still be connecting.</param>
    /// <param name="state">Receives the results.</param>
    /// <param name="now">The run's clock.</param>
    public async ValueTask<SslStream?> ConnectAsync(DescriptorStream descriptor, TlsState state, Func<long> now)
    {
        var observer = new HandshakeObserver(() => state.Hello = now());
        descriptor.Observer = observer;
        var stream = new SslStream(descriptor, leaveInnerStreamOpen: true, (_, certificate, _, errors) => Accepts(certificate, errors, state));
        try
        {
            await stream.AuthenticateAsClientAsync(_options);
        }
        catch (Exception e)
        {
            // SslStream throws exceptions of many types here, all of which mean that the handshake failed.
            state.Fail(WhyFailed(e, descriptor, observer, state), TlsAlert.In(e));
            await stream.DisposeAsync();
            return null;
        }
        descriptor.Observer = null;
        state.Version = stream.SslProtocol switch
        {
            System.Security.Authentication.SslProtocols.Tls13 => "1.3",
            System.Security.Authentication.SslProtocols.Tls12 => "1.2",
            var other => other.ToString(),
        };
        state.IsResumed = observer.IsResumed;
        state.ApplicationProtocol = stream.NegotiatedApplicationProtocol.ToString();
        if (!http2 || stream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2) return stream;
        state.Fail(HandshakeFailure.NoHttp2, null);
        await stream.DisposeAsync();
        return null;
    }

    private bool Accepts(X509Certificate? certificate, SslPolicyErrors errors, TlsState state)
    {
        if (tls.AcceptAnyCertificate && certificate is not null || errors == SslPolicyErrors.None) return true;
        state.Rejection = Rejection(certificate as X509Certificate2, errors);
        return false;
    }

    private static HandshakeFailure Rejection(X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (certificate is null) return HandshakeFailure.CertificateRejected;
        if (certificate.NotAfter < DateTime.Now) return HandshakeFailure.CertificateExpired;
        if (certificate.NotBefore > DateTime.Now) return HandshakeFailure.CertificateNotYetValid;
        return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0 ? HandshakeFailure.CertificateNameMismatch
            : HandshakeFailure.CertificateUntrusted;
    }

    private static HandshakeFailure WhyFailed(Exception exception, DescriptorStream descriptor, HandshakeObserver observer, TlsState state)
    {
        if (state.Rejection is { } rejection) return rejection;
        if (observer.IsNotTls) return HandshakeFailure.NotTls;
        if (TlsAlert.In(exception) is not null) return HandshakeFailure.Alert;
        if (descriptor.Error != Errno.None) return HandshakeFailure.Reset;
        return descriptor.IsAtEnd ? HandshakeFailure.Closed : HandshakeFailure.ProtocolError;
    }

    // A burst contacts only its target: no download of missing certificates, no revocation lists.
    private static X509ChainPolicy PolicyFor(BurstTls tls)
    {
        var policy = new X509ChainPolicy
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        if (tls.TrustedRoots is null && !tls.AcceptAnyCertificate) return policy;
        // Reading the system's roots takes time, which is wasted if nothing is verified.
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        if (tls.TrustedRoots is { } roots) policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
