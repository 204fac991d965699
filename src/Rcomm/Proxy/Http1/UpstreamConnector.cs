using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Rcomm.Transport.Connections;

namespace Rcomm.Proxy.Http1;

/// <summary>Opens connections to one upstream. A name is resolved for each of them.</summary>
internal sealed class UpstreamConnector(UpstreamAddress address, ForwardingOptions options)
{
    /// <param name="outgoing">The event loop to be on; null for none.</param>
    /// <exception cref="UpstreamException">There is no connection; nothing was sent.</exception>
    public async Task<UpstreamConnection> ConnectAsync(IOutgoingFeature? outgoing, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            return new(await OpenAsync(address.IsTls ? null : outgoing, limit.Token), outgoing?.Loop ?? 0);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new UpstreamException(UpstreamFailure.NotConnected, ReasonOf(e), e);
        }
    }

    private async Task<IOutgoingConnection> OpenAsync(IOutgoingFeature? outgoing, CancellationToken cancellationToken)
    {
        EndPoint[] all = await ResolveAsync(cancellationToken);
        for (int i = 0; ; i++)
        {
            try
            {
                if (outgoing is not null) return await outgoing.ConnectAsync(all[i], cancellationToken);
                Socket socket = await OpenSocketAsync(all[i], cancellationToken);
                return address.IsTls ? await EncryptAsync(socket, cancellationToken) : new SocketConnection(socket, new NetworkStream(socket, ownsSocket: true));
            }
            catch (Exception e) when (e is SocketException or IOException && i < all.Length - 1)
            {
                // A name may have several addresses, of which some are out of use.
            }
        }
    }

    private async Task<EndPoint[]> ResolveAsync(CancellationToken cancellationToken)
    {
        if (address.UnixPath is { } path) return [new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path)];
        if (IPAddress.TryParse(address.Host, out IPAddress? one)) return [new IPEndPoint(one, address.Port)];
        return [.. (await Dns.GetHostAddressesAsync(address.Host, cancellationToken)).Select(ip => new IPEndPoint(ip, address.Port))];
    }

    private static async Task<Socket> OpenSocketAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        bool isTcp = endPoint is IPEndPoint;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, isTcp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (isTcp) socket.NoDelay = true;
            await socket.ConnectAsync(endPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<SocketConnection> EncryptAsync(Socket socket, CancellationToken cancellationToken)
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
        catch (Exception e)
        {
            await tls.DisposeAsync();
            if (e is AuthenticationException or IOException) throw new UpstreamException(UpstreamFailure.NotConnected, problem ?? "the TLS handshake failed", e);
            throw;
        }
        return new(socket, tls);
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
        OperationCanceledException => "no connection in time",
        _ => Sentence(e.Message),
    };

    // The system's texts begin with a capital.
    private static string Sentence(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
