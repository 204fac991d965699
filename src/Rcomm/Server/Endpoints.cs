using System.Net;
using System.Net.Quic;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Rcomm.Connections;
using Rcomm.Connections.Http1;
using Rcomm.Connections.Http2;
using Rcomm.Connections.Tls;
using Rcomm.Http;
using Rcomm.Kestrel;
using Rcomm.Listening.Sockets;
using Rcomm.Requests;
using Rcomm.Settings;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>Sets up what happens on a connection before its first request: the PROXY header, client limits, TLS.</summary>
/// <param name="ready">Creates the ready answers for requests over TLS; null for none.</param>
internal sealed class Endpoints(
    ServeSettings settings, IReadOnlyCollection<ListenSocket> redirect, CertificateStore? certificates, RefusedClients refused,
    Func<IServiceProvider, IReadyAnswers>? ready) : IDisposable
{
    private static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    private readonly Limits _limits = settings.Http.Limits;
    private readonly ClientLimits _clients = new(settings.Http.Limits, refused);

    /// <summary>How long a connection may stay outside Kestrel without sending a byte; null if Kestrel must get it immediately.</summary>
    // In every protocol here the client speaks first. If clients are counted, silent ones count too.
    public TimeSpan? FirstBytesTimeout => _clients.IsNeeded ? null
        : settings.Tls is not null || settings.Http.ProxyProtocol ? _limits.HeaderTimeout : _limits.IdleTimeout;

    public void ApplyLimits(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.RequestHeaderEncodingSelector = HeaderEncodings.ForRequests;
        kestrel.ResponseHeaderEncodingSelector = HeaderEncodings.ForAnswers;
        // The host of an absolute-form target overrides the Host field (RFC 9112, section 3.2.2).
        kestrel.AllowHostHeaderOverride = true;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxRequestLineSize = _limits.RequestLine;
        limits.MaxRequestHeaderCount = _limits.HeaderCount;
        limits.MaxRequestHeadersTotalSize = _limits.HeaderSize;
        // Kestrel requires room for the request line in the same buffer.
        limits.MaxRequestBufferSize = Math.Max(limits.MaxRequestBufferSize ?? 0, Math.Max(_limits.RequestLine, _limits.HeaderSize));
        limits.MaxRequestBodySize = _limits.Body;
        limits.RequestHeadersTimeout = _limits.HeaderTimeout;
        limits.KeepAliveTimeout = _limits.IdleTimeout;
        limits.MinRequestBodyDataRate = limits.MinResponseDataRate = _limits.MinRate == 0 ? null : new MinDataRate(_limits.MinRate, RateGrace);
    }

    /// <summary>Returns true for sockets whose connections start with TLS.</summary>
    // A Unix socket's clients are on this machine: a proxy that has already terminated TLS.
    public bool IsEncrypted(ListenSocket socket) => certificates is not null && !redirect.Contains(socket) && !socket.Address.IsUnix;

    /// <summary>Returns true if connections start with a plain HTTP/1 request.</summary>
    public bool BeginsWithHttp(ListenSocket socket) => !settings.Http.ProxyProtocol && !_clients.IsNeeded && !IsEncrypted(socket);

    public void Configure(ListenSocket socket, ListenOptions endpoint)
    {
        bool isRedirect = redirect.Contains(socket);
        bool isTls = IsEncrypted(socket);
        endpoint.Protocols = isTls ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
        if (settings.Http.ProxyProtocol) endpoint.Use(next => connection => ProxyProtocol.InvokeAsync(connection, next, _limits.HeaderTimeout, refused));
        if (_clients.IsNeeded) endpoint.Use(next => connection => _clients.InvokeAsync(connection, next, isPlain: !isTls));
        if (isRedirect) HttpsRedirect.MarkConnections(endpoint);
        if (isTls)
        {
            TlsFailures.CountIn(endpoint, refused, _limits.HeaderTimeout, () => endpoint.UseHttps(Handshake()));
            CloseNotify.AddTo(endpoint);
            endpoint.Use(next => connection => GatheredOutput.InvokeAsync(connection, next));
            if (ready is not null) endpoint.UseReadyAnswers(ready(endpoint.ApplicationServices));
        }
        endpoint.Use(next => connection => StrictRequests.InvokeAsync(connection, next));
    }

    /// <summary>Opens HTTP/3 on each TLS address. Returns false if the system doesn't support it.</summary>
    public bool TryAddHttp3(IWebHostBuilder host, IReadOnlyCollection<ListenSocket> sockets)
    {
        if ((!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS() && !OperatingSystem.IsWindows()) || !QuicListener.IsSupported) return false;

        host.UseQuic().ConfigureKestrel(kestrel =>
        {
            foreach (ListenSocket socket in sockets.Except(redirect).Where(socket => !socket.Address.IsUnix).DistinctBy(socket => socket.Address))
                kestrel.Listen(new IPEndPoint(socket.Address.Ip ?? IPAddress.IPv6Any, socket.Address.Port), endpoint =>
                {
                    endpoint.Protocols = HttpProtocols.Http3;
                    endpoint.UseHttps(Handshake());
                });
        });
        return true;
    }

    public void Dispose() => _clients.Dispose();

    private TlsHandshakeCallbackOptions Handshake() => new()
    {
        OnConnection = hello => new(certificates!.For(hello.ClientHelloInfo.ServerName)),
        HandshakeTimeout = _limits.HeaderTimeout,
    };
}
