using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Rcomm.Connections.Http2;

/// <summary>
/// The output of HTTP/2 connections over TLS. Kestrel flushes after each answer; here the thread pool sends what has been written when its turn
/// comes. So the answers to requests that came together leave in one TLS record, with one call of the kernel.
/// </summary>
internal static class GatheredOutput
{
    // The most that a TLS record holds (RFC 8446, section 5.1).
    private const int Record = 16 << 10;
    // For the rest of the output once Kestrel has ended; until then its minimum rate counts.
    private static readonly TimeSpan LastSend = TimeSpan.FromSeconds(10);

    private static readonly PipeOptions Options = new(MemoryPool<byte>.Shared, PipeScheduler.ThreadPool, PipeScheduler.ThreadPool,
        pauseWriterThreshold: 2 * Record, resumeWriterThreshold: Record, minimumSegmentSize: Record, useSynchronizationContext: false);

    public static async Task InvokeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.Features.Get<ISslStreamFeature>()?.SslStream.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
        {
            await next(connection);
            return;
        }
        IDuplexPipe transport = connection.Transport;
        var gathered = new Pipe(Options);
        Task sending = SendAsync(gathered.Reader, transport.Output);
        connection.Transport = new GatheredTransport(transport.Input, gathered.Writer);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
            await gathered.Writer.CompleteAsync();
            await EndAsync(connection, sending);
        }
    }

    private static async Task SendAsync(PipeReader gathered, PipeWriter output)
    {
        try
        {
            ReadResult read;
            do
            {
                read = await gathered.ReadAsync();
                foreach (ReadOnlyMemory<byte> record in read.Buffer) await output.WriteAsync(record);
                gathered.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client is gone, or was cut off. Kestrel's next flush says so.
        }
        await gathered.CompleteAsync();
    }

    private static async Task EndAsync(ConnectionContext connection, Task sending)
    {
        try
        {
            await sending.WaitAsync(LastSend);
        }
        catch (TimeoutException)
        {
            connection.Abort(new ConnectionAbortedException("The client did not take the end of the answers."));
            await sending;
        }
    }

    private sealed record GatheredTransport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
