using Microsoft.AspNetCore.Connections;
using Rcomm.Shared.Linux;

namespace Rcomm.Transport.Connections;

/// <summary>What is done for a peer before its connection is closed.</summary>
internal static class ConnectionEnd
{
    // How long a client may take to read the end of an answer after its request was not read to the end (RFC 9112, section 9.6).
    private static readonly TimeSpan Lingering = TimeSpan.FromSeconds(2);
    // How long what was written and never flushed may take to go out.
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

    /// <summary>Reads what still comes: closing with something unread makes the close a reset, and the reset overtakes the answer.</summary>
    public static async Task LingerAsync(EpollConnection connection, EpollPipeReader reader)
    {
        SocketCalls.EndSending(connection.Handle);
        using var limit = new CancellationTokenSource(Lingering);
        try
        {
            await reader.DiscardAsync(limit.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It had its chance.
        }
    }
}
