using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Rcomm.Connections.Http2;

/// <summary>
/// Gathers the output of HTTP/2 connections over TLS. Kestrel flushes after each response; here a thread-pool work item sends what has been written until
/// it runs. Responses to requests that arrived together thus leave in one TLS record, with one system call.
/// </summary>
internal static class GatheredOutput
{
    // The maximum size of a TLS record (RFC 8446, section 5.1).
    private const int Record = 16 << 10;
    // For the rest of the output after Kestrel has finished; until then its minimum data rate applies.
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
            // The client is gone or was disconnected. Kestrel's next flush reports it.
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
