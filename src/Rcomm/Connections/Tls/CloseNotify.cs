using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Rcomm.Connections.Tls;

/// <summary>
/// Ends each TLS connection with a close_notify (RFC 8446, section 6.1), which Kestrel does not: without it a client cannot tell an end from a
/// connection that somebody cut, and OpenSSL 3 calls it an error.
/// </summary>
internal static class CloseNotify
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    public static void AddTo(ListenOptions endpoint) => endpoint.Use(next => async connection =>
    {
        await next(connection);
        if (connection.Features.Get<ISslStreamFeature>()?.SslStream is not { } tls || connection.ConnectionClosed.IsCancellationRequested) return;
        try
        {
            await tls.ShutdownAsync().WaitAsync(CloseTimeout);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException or TimeoutException or ConnectionAbortedException)
        {
            // The client was faster.
        }
    });
}
