using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Rcomm.Connections.Tls;

/// <summary>
/// Ends each TLS connection with a close_notify (RFC 8446, section 6.1), which Kestrel doesn't send. Without it a client can't tell the end from a
/// truncated connection, and OpenSSL 3 reports an error.
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
            // The client closed the connection first.
        }
    });
}
