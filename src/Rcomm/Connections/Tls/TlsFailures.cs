using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Rcomm.Requests;

namespace Rcomm.Connections.Tls;

/// <summary>Counts the TLS handshakes that fail: Kestrel closes such a connection and says nothing.</summary>
internal static class TlsFailures
{
    private static readonly object HasSucceeded = new();

    /// <summary>Watches the handshakes of an endpoint.</summary>
    /// <param name="timeout">The most that a client may take until its first byte.</param>
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
            await next(connection);
            if (!connection.Items.ContainsKey(HasSucceeded)) refused.Add(RefusedClients.TlsHandshake);
        });
        addTls();
        endpoint.Use(next => connection =>
        {
            connection.Items[HasSucceeded] = true;
            return next(connection);
        });
    }

    // False where the connection ends before its first byte: a check whether the port is open isn't a handshake.
    private static ValueTask<bool> BeginsAsync(PipeReader input, RefusedClients refused, TimeSpan timeout) =>
        // The first bytes are nearly always there.
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

    // Nothing is consumed or examined: the handshake reads it again.
    private static bool HasBytes(PipeReader input, ReadResult read)
    {
        bool hasBytes = !read.Buffer.IsEmpty;
        input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
        return hasBytes;
    }
}
