using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Rcomm.Proxy.Http1;
using Rcomm.Transport.Connections;

namespace Rcomm.Proxy;

/// <summary>Opens connections to one upstream. Resolves its name for each of them.</summary>
/// <param name="protocol">The protocol used on them.</param>
internal sealed class UpstreamConnector(UpstreamAddress address, SslApplicationProtocol protocol, ForwardingOptions options)
{
    private readonly UpstreamTls? _tls = address.IsTls ? new(address.Host, protocol, options.Authorities) : null;

    /// <summary>Opens a connection for HTTP/1.1.</summary>
    /// <param name="outgoing">The preferred event loop; null for none.</param>
    /// <exception cref="UpstreamException">The connection failed; nothing was sent.</exception>
    public async Task<UpstreamConnection> ConnectAsync(IOutgoingFeature? outgoing, CancellationToken cancellationToken)
    {
        IOutgoingConnection opened = outgoing is not null && _tls is null
            ? await OpenAsync(outgoing.ConnectAsync, cancellationToken)
            : await OpenAsync<IOutgoingConnection>(async (endPoint, token) => await OpenSocketAsync(endPoint, token), cancellationToken);
        return new(opened, outgoing?.Loop ?? 0);
    }

    /// <summary>Opens a connection as a stream, encrypted if the upstream uses TLS.</summary>
    /// <exception cref="UpstreamException">The connection failed; nothing was sent.</exception>
    public async ValueTask<Stream> OpenStreamAsync(CancellationToken cancellationToken) => (await OpenAsync(OpenSocketAsync, cancellationToken)).Stream;

    private async Task<T> OpenAsync<T>(Func<EndPoint, CancellationToken, Task<T>> open, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            EndPoint[] all = await ResolveAsync(limit.Token);
            for (int i = 0; ; i++)
            {
                try
                {
                    return await open(all[i], limit.Token);
                }
                catch (Exception e) when (e is SocketException or IOException && i < all.Length - 1)
                {
                    // A name may have several addresses, some of which may be out of service.
                }
            }
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new UpstreamException(UpstreamFailure.NotConnected, ReasonOf(e), e);
        }
    }

    private async Task<EndPoint[]> ResolveAsync(CancellationToken cancellationToken)
    {
        if (address.UnixPath is { } path) return [new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path)];
        if (IPAddress.TryParse(address.Host, out IPAddress? one)) return [new IPEndPoint(one, address.Port)];
        return [.. (await Dns.GetHostAddressesAsync(address.Host, cancellationToken)).Select(ip => new IPEndPoint(ip, address.Port))];
    }

    private async Task<SocketConnection> OpenSocketAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        bool isTcp = endPoint is IPEndPoint;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, isTcp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (isTcp) socket.NoDelay = true;
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new(socket, _tls is null ? new NetworkStream(socket, ownsSocket: true) : await _tls.EncryptAsync(socket, cancellationToken));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string ReasonOf(Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => "unknown host name",
        SocketException { SocketErrorCode: SocketError.TryAgain } => "the host name can't be resolved at the moment",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused",
        OperationCanceledException => "connection timed out",
        _ => Sentence(e.Message),
    };

    // The system's messages start with a capital.
    private static string Sentence(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
