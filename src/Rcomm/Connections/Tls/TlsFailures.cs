using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Rcomm.Requests;
using Rcomm.Transport.Connections;

namespace Rcomm.Connections.Tls;

/// <summary>Counts failed TLS handshakes, since Kestrel closes such connections without a trace.</summary>
internal static class TlsFailures
{
    private static readonly object HasSucceeded = new();

    /// <summary>Adds TLS to an endpoint and counts its failed handshakes.</summary>
    /// <param name="timeout">The maximum time until a client's first byte.</param>
    /// <param name="addTls">Adds TLS to the endpoint.</param>
    public static void CountIn(ListenOptions endpoint, RefusedClients refused, TimeSpan timeout, Action addTls)
    {
        endpoint.Use(next => async connection =>
        {
            if (!await BeginsAsync(connection.Transport.Input, refused, timeout)) return;
            if (await PlainHttp.TryAnswerAsync(connection.Transport))
            {
                refused.Add(RefusedClients.PlainHttp);
                return;
            }
            // A handshake has several reads with much work between them, which takes less time on one thread than on two.
            bool mustSwitch = Thread.CurrentThread.IsThreadPoolThread;
            if (mustSwitch && connection.Features.Get<IEventLoopFeature>() is { } loop) await loop.RunAsync(() => next(connection));
            else await next(connection);
            if (!connection.Items.ContainsKey(HasSucceeded)) refused.Add(RefusedClients.TlsHandshake);
        });
        addTls();
        endpoint.Use(next => connection =>
        {
            connection.Items[HasSucceeded] = true;
            return next(connection);
        });
    }

    // Returns false if the connection ends before its first byte: a port check isn't a handshake.
    private static ValueTask<bool> BeginsAsync(PipeReader input, RefusedClients refused, TimeSpan timeout) =>
        // The first bytes have nearly always arrived.
        input.TryRead(out ReadResult read) ? new(HasBytes(input, read)) : WaitAsync(input, refused, timeout);

    private static async ValueTask<bool> WaitAsync(PipeReader input, RefusedClients refused, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            return HasBytes(input, await input.ReadAsync(limit.Token));
        }
        catch (OperationCanceledException)
        {
            refused.Add(RefusedClients.TlsHandshake);
            return false;
        }
        catch (ConnectionResetException)
        {
            return false;
        }
    }

    // Nothing is consumed or examined, since the handshake reads it again.
    private static bool HasBytes(PipeReader input, ReadResult read)
    {
        bool hasBytes = !read.Buffer.IsEmpty;
        input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
        return hasBytes;
    }
}
