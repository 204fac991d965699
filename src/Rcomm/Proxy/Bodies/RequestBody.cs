using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Proxy.Bodies;

/// <summary>
/// The body of a request. As far as there is room, it is received before an upstream is asked, so that a slow client doesn't occupy a place there.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    private readonly PipeReader _client;
    private readonly BodyBuffer? _kept;
    private bool _isWhole;

    private RequestBody(HttpContext context, BodyBuffer? kept)
    {
        _client = context.Request.BodyReader;
        _kept = kept;
        Length = context.Request.ContentLength ?? -1;
    }

    /// <summary>The length; -1 if it isn't known.</summary>
    public long Length { get; private set; }

    /// <summary>Whether part of it was sent to an upstream, so that it can't be sent to another.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Receives a body.</summary>
    /// <exception cref="BadHttpRequestException">The body is too long, too slow or isn't valid.</exception>
    /// <exception cref="IOException">The client is gone.</exception>
    /// <exception cref="UpstreamException">The temporary file can't be written.</exception>
    public static async ValueTask<RequestBody> ReceiveAsync(HttpContext context, SharedByRoutes shared, bool isBuffered)
    {
        var body = new RequestBody(context, isBuffered ? new BodyBuffer(shared.Budget, shared.Options.Buffering.File) : null);
        try
        {
            if (body._kept is { } kept) await body.ReceiveAsync(kept);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>Sends the body.</summary>
    /// <param name="isChunked">True for the chunked coding of HTTP/1.1 (RFC 9112, section 7.1).</param>
    /// <exception cref="UpstreamException">The upstream doesn't accept it.</exception>
    /// <exception cref="BadHttpRequestException">What the client still sends isn't valid.</exception>
    public async ValueTask SendAsync(IBodySink upstream, bool isChunked)
    {
        IsUsed = true;
        if (_kept is not null)
        {
            byte[] block = ArrayPool<byte>.Shared.Rent(BodyBuffer.BlockSize);
            try
            {
                while (await _kept.ReadAsync(block) is > 0 and int count) await SendAsync(upstream, block.AsMemory(0, count), isChunked);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block);
            }
        }
        while (!_isWhole)
        {
            ValueTask<ReadResult> next = _client.ReadAsync();
            // While waiting for the client, send what has arrived so far.
            if (!next.IsCompleted) await upstream.FlushAsync();
            ReadResult read = await next;
            foreach (ReadOnlyMemory<byte> segment in read.Buffer) await SendAsync(upstream, segment, isChunked);
            _client.AdvanceTo(read.Buffer.End);
            if (read.IsCanceled) throw new UpstreamException(UpstreamFailure.Client, "the server stops");
            _isWhole = read.IsCompleted;
        }
        if (isChunked) upstream.Output.Write("0\r\n\r\n"u8);
        await upstream.FlushAsync();
    }

    /// <summary>Ends a wait for more data from the client.</summary>
    public void Stop() => _client.CancelPendingRead();

    public void Dispose() => _kept?.Dispose();

    private async ValueTask ReceiveAsync(BodyBuffer kept)
    {
        while (!kept.IsFull)
        {
            ReadResult read = await _client.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in read.Buffer) await kept.WriteAsync(segment);
            _client.AdvanceTo(read.Buffer.End);
            if (read.IsCanceled) throw new IOException("The server stops.");
            if (!read.IsCompleted) continue;
            _isWhole = true;
            Length = kept.Length;
            kept.Complete();
            return;
        }
        kept.Complete();
    }

    private static ValueTask SendAsync(IBodySink upstream, ReadOnlyMemory<byte> bytes, bool isChunked)
    {
        if (bytes.Length == 0) return default;
        PipeWriter output = upstream.Output;
        if (isChunked) output.Write(Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
        output.Write(bytes.Span);
        if (isChunked) output.Write("\r\n"u8);
        return output.UnflushedBytes >= BodyBuffer.BlockSize ? upstream.FlushAsync() : default;
    }
}
