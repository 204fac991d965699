using System.Net.Sockets;
using Rcomm.Listening.Accepting;
using Rcomm.Shared.Http;

namespace Rcomm.Kestrel.Overload;

/// <summary>Answers connections past the limit with 503, without Kestrel, so that an overloaded server needs no free thread or pipe for it.</summary>
internal static class OverloadResponder
{
    private const int MaxLingering = 1000;
    private static readonly byte[] Answer = RawResponse.TryAgain("503 Service Unavailable");

    private static int s_lingering;

    /// <summary>Takes ownership of the connection, answers and closes it. Never blocks.</summary>
    public static void Reject(AcceptedConnection accepted)
    {
        Socket connection = accepted.ToSocket();
        try
        {
            // The send buffer is empty, so this never blocks.
            connection.Send(Answer);
            connection.Shutdown(SocketShutdown.Send);
            if (Interlocked.Increment(ref s_lingering) <= MaxLingering)
            {
                _ = LingerAsync(connection);
                return;
            }
            Interlocked.Decrement(ref s_lingering);
        }
        catch (SocketException)
        {
            // The client has disconnected.
        }
        connection.Dispose();
    }

    // Closing a socket with unread data sends a reset, which discards the response that is still in flight (RFC 9112, section 9.6).
    private static async Task LingerAsync(Socket connection)
    {
        try
        {
            using var limit = new CancellationTokenSource(RawResponse.LingerTimeout);
            byte[] ignored = new byte[1024];
            while (await connection.ReceiveAsync(ignored, limit.Token) > 0) { }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The peer had its time; close anyway.
        }
        finally
        {
            connection.Dispose();
            Interlocked.Decrement(ref s_lingering);
        }
    }
}
