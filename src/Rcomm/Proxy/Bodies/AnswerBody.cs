using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Rcomm.Requests;

namespace Rcomm.Proxy.Bodies;

/// <summary>
/// Forwards the body of a response to the client: directly while the client keeps up, through a buffer once it is slower than the upstream.
/// </summary>
/// <param name="maxFile">The maximum size of its temporary file in bytes; null if the body isn't buffered.</param>
internal sealed class AnswerBody(HttpContext context, IBodySource body, int? maxFile, MemoryBudget budget, TimeSpan timeout)
{
    // If more data is available, this much is written before it is sent.
    private const int MaxUnflushed = 64 * 1024;
    private readonly PipeWriter _client = context.Response.BodyWriter;
    private long _sent;

    /// <summary>Whether a byte was written that can't be taken back.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>Reads the body to its end. The returned task completes when the client has all of it; null if there is nothing to wait for.</summary>
    /// <exception cref="UpstreamException">The upstream closed the connection too early.</exception>
    public async ValueTask<Task?> ForwardAsync()
    {
        long unflushed = 0;
        while (!body.HasEnded)
        {
            body.Expect(timeout);
            ValueTask<bool> next = body.NextAsync();
            if (!next.IsCompleted || unflushed >= MaxUnflushed)
            {
                HasWritten = true;
                ValueTask<FlushResult> flush = _client.FlushAsync();
                if (!flush.IsCompleted)
                {
                    if (maxFile is not null) return await KeepAsync(next, flush, unflushed);
                    body.Expect(TimeSpan.Zero);
                }
                Check(await flush, unflushed);
                body.Expect(timeout);
                unflushed = 0;
            }
            if (!await next) break;
            HasWritten = true;
            unflushed += body.Current.Length;
            foreach (ReadOnlyMemory<byte> segment in body.Current) _client.Write(segment.Span);
            body.Consume();
        }
        // The end of the request sends it.
        _sent += unflushed;
        return null;
    }

    /// <summary>Reports to the access log how much was sent, if the Content-Length doesn't show it.</summary>
    public void NoteSent()
    {
        if (HasWritten && context.Response.ContentLength != _sent) SentBody.Of(context).Bytes = _sent;
    }

    // Frees the upstream once it has answered, however slow the client is.
    private async ValueTask<Task?> KeepAsync(ValueTask<bool> next, ValueTask<FlushResult> flush, long unflushed)
    {
        var buffer = new BodyBuffer(budget, maxFile!.Value);
        Task sending = SendAsync(buffer, flush, unflushed);
        try
        {
            while (await next)
            {
                foreach (ReadOnlyMemory<byte> segment in body.Current) await buffer.WriteAsync(segment);
                body.Consume();
                if (body.HasEnded) break;
                body.Expect(TimeSpan.Zero);
                await buffer.WaitForRoomAsync();
                body.Expect(timeout);
                next = body.NextAsync();
            }
            buffer.Complete();
            return FinishAsync(buffer, sending);
        }
        catch (Exception e)
        {
            buffer.Complete(e);
            // The sender gets the same failure at the end of the buffered data.
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            buffer.Dispose();
            throw;
        }
    }

    private async Task FinishAsync(BodyBuffer buffer, Task sending)
    {
        try
        {
            using (buffer) await sending;
        }
        finally
        {
            NoteSent();
        }
    }

    private async Task SendAsync(BodyBuffer buffer, ValueTask<FlushResult> flush, long unflushed)
    {
        try
        {
            Check(await flush, unflushed);
            while (await buffer.ReadAsync(_client.GetMemory(BodyBuffer.BlockSize)) is > 0 and int count)
            {
                _client.Advance(count);
                Check(await _client.FlushAsync(), count);
            }
        }
        finally
        {
            // If the client is gone, nothing needs buffering.
            buffer.Stop();
        }
    }

    private void Check(FlushResult flushed, long bytes)
    {
        if (flushed.IsCompleted || flushed.IsCanceled) throw new UpstreamException(UpstreamFailure.Client, "the client is gone");
        _sent += bytes;
    }

}
