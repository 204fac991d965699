using Microsoft.AspNetCore.Connections;
using Rcomm.Shared.Http;
using Rcomm.Shared.Linux;

namespace Rcomm.Transport.Connections;

/// <summary>The last steps before a connection is closed.</summary>
internal static class ConnectionEnd
{
    // How long data that was written but not flushed may take to be sent.
    private static readonly TimeSpan LastFlush = TimeSpan.FromSeconds(10);

    public static async Task FlushRestAsync(EpollConnection connection, EpollPipeWriter writer)
    {
        using var limit = new CancellationTokenSource(LastFlush);
        try
        {
            await writer.FlushAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException("The peer did not take the end of the answer."));
        }
    }

    /// <summary>
    /// Reads until the peer closes. Closing a socket with unread data sends a reset, which discards the response that is still in flight.
    /// </summary>
    public static async Task LingerAsync(EpollConnection connection, EpollPipeReader reader)
    {
        SocketCalls.EndSending(connection.Handle);
        using var limit = new CancellationTokenSource(RawResponse.LingerTimeout);
        try
        {
            await reader.DiscardAsync(limit.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The peer had its time; close anyway.
        }
    }
}
