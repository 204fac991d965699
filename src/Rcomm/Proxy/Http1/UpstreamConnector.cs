using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Rcomm.Proxy.Http1;

/// <summary>Opens connections to one upstream. A name is resolved for each of them.</summary>
internal sealed class UpstreamConnector(UpstreamAddress address, ForwardingOptions options)
{
    /// <exception cref="UpstreamException">There is no connection; nothing was sent.</exception>
    public async Task<UpstreamConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        Socket? socket = null;
        try
        {
            socket = await OpenAsync(limit.Token);
            return address.IsTls ? await EncryptAsync(socket, limit.Token) : new(new StreamTransport(socket, new NetworkStream(socket, ownsSocket: true)));
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or AuthenticationException)
        {
            socket?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new UpstreamException(UpstreamFailure.NotConnected, ReasonOf(e), e);
        }
    }

    private async Task<Socket> OpenAsync(CancellationToken cancellationToken)
    {
        if (address.UnixPath is { } path)
            return await OpenAsync(new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path), ProtocolType.Unspecified, cancellationToken);

        IPAddress[] all = IPAddress.TryParse(address.Host, out IPAddress? one) ? [one] : await Dns.GetHostAddressesAsync(address.Host, cancellationToken);
        for (int i = 0; ; i++)
        {
            try
            {
                return await OpenAsync(new IPEndPoint(all[i], address.Port), ProtocolType.Tcp, cancellationToken);
            }
            catch (SocketException) when (i < all.Length - 1)
            {
                // A name may have several addresses, of which some are out of use.
            }
        }
    }

    private static async Task<Socket> OpenAsync(EndPoint endPoint, ProtocolType protocol, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        try
        {
            if (protocol == ProtocolType.Tcp) socket.NoDelay = true;
            await socket.ConnectAsync(endPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<UpstreamConnection> EncryptAsync(Socket socket, CancellationToken cancellationToken)
    {
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        string? problem = null;
        var settings = new SslClientAuthenticationOptions
        {
            TargetHost = address.Host,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            CertificateChainPolicy = options.Authorities is { } authorities ? PolicyOf(authorities) : null,
            RemoteCertificateValidationCallback = (_, _, chain, errors) =>
            {
                problem = errors == SslPolicyErrors.None ? null
                    : errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "it has no certificate"
                    : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"its certificate isn't for {address.Host}"
                    : $"its certificate isn't trusted ({string.Join(", ", chain?.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')) ?? [])}); name its authority with --upstream-ca";
                return problem is null;
            },
        };
        try
        {
            await tls.AuthenticateAsClientAsync(settings, cancellationToken);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            await tls.DisposeAsync();
            throw new UpstreamException(UpstreamFailure.NotConnected, problem ?? "the TLS handshake failed", e);
        }
        return new(new StreamTransport(socket, tls));
    }

    private static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static string ReasonOf(Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => "its name isn't known",
        SocketException { SocketErrorCode: SocketError.TryAgain } => "its name can't be resolved now",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused",
        SocketException socket => Sentence(socket.Message),
        OperationCanceledException => "no connection in time",
        _ => "the connection ended during the TLS handshake",
    };

    // The system's texts begin with a capital.
    private static string Sentence(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
