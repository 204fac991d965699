using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Proxy.Http1;
using Rcomm.Requests;

namespace Rcomm.Proxy;

/// <summary>A connection that was upgraded to another protocol, e.g. a WebSocket: forwards bytes in both directions until one side ends.</summary>
internal static class Tunnel
{
    private const int Block = 4 * 1024;

    /// <summary>Forwards bytes until both sides have ended or one breaks.</summary>
    /// <param name="timeout">How long both sides may be silent; zero for no limit.</param>
    public static async Task RunAsync(HttpContext context, OutgoingRequest request, UpstreamConnection connection, TimeSpan timeout)
    {
        using Stream client = request.ExtendedConnect is { } extended ? await extended.AcceptAsync()
            : await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        // Flush first, so that data that came with the response is sent and the client learns that it may send.
        await client.FlushAsync();
        connection.Expect(timeout);
        using var stop = new CancellationTokenSource();
        Task up = UpAsync(client, connection, timeout, stop.Token), down = DownAsync(client, connection, timeout, SentBody.Of(context));
        try
        {
            // When the upstream ends, the tunnel ends; when the client ends, it may still receive data.
            if (await Task.WhenAny(up, down) == up) await up;
            await down;
        }
        catch (Exception e) when (e is UpstreamException or IOException or OperationCanceledException)
        {
            // One side broke, or both were silent for too long: the other one must notice.
            context.Abort();
        }
        finally
        {
            await stop.CancelAsync();
            connection.Cancel(new(UpstreamFailure.Client, "the tunnel has ended"));
            await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task UpAsync(Stream client, UpstreamConnection connection, TimeSpan timeout, CancellationToken cancellationToken)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            while (await client.ReadAsync(block, cancellationToken) is > 0 and int count)
            {
                connection.Expect(timeout);
                connection.Output.Write(block.AsSpan(0, count));
                await connection.FlushAsync();
            }
            await connection.EndSendingAsync();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private static async Task DownAsync(Stream client, UpstreamConnection connection, TimeSpan timeout, SentBody sent)
    {
        while (true)
        {
            ReadResult read = await connection.ReadAsync();
            connection.Expect(timeout);
            foreach (ReadOnlyMemory<byte> segment in read.Buffer) await client.WriteAsync(segment);
            await client.FlushAsync();
            sent.Bytes += read.Buffer.Length;
            connection.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }
}
