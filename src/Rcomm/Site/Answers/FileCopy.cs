using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Win32.SafeHandles;
using Rcomm.Requests;
using Rcomm.Shared.Linux;
using Rcomm.Site.Files;

namespace Rcomm.Site.Answers;

/// <summary>Sends part of an open file, with no more of it in memory than the connection has asked for.</summary>
internal static class FileCopy
{
    // Until the response has started, Kestrel holds its body and then copies it behind the headers. With this piece, both fit into one block of the pool.
    private const int FirstPiece = 3 << 10;
    // Fits into the room that a wait finds. 48 KiB are a tenth faster, but take up to 75 KiB of memory for each of eight clients, instead of 40 to 57.
    private const int LargePiece = 32 << 10;
    // A slow client's piece stays in memory until it is sent.
    private const int SmallPiece = 16 << 10;

    public static async Task SendAsync(HttpContext context, SafeFileHandle file, long offset, long length)
    {
        PipeWriter body = context.Response.BodyWriter;
        SentBody counted = SentBody.Of(context);
        using var room = new SendRoom(context);
        for (long sent = 0; sent < length;)
        {
            int piece = !context.Response.HasStarted ? FirstPiece : await room.WaitAsync() ? LargePiece : SmallPiece;
            int wanted = (int)Math.Min(piece, length - sent);
            // Memory for a whole piece, even for the last one: so all use the same arrays of the pool.
            int read = await ReadAsync(file, body.GetMemory(piece)[..wanted], offset + sent);
            if (read == 0)
            {
                // The file was truncated meanwhile: the response is shorter than its Content-Length, and the client must notice.
                context.Abort();
                return;
            }
            body.Advance(read);
            sent += read;
            FlushResult flushed = await body.FlushAsync(context.RequestAborted);
            if (flushed.IsCompleted) return;
            counted.Bytes += read;
        }
    }

    private static ValueTask<int> ReadAsync(SafeFileHandle file, Memory<byte> piece, long offset) =>
        !Thread.CurrentThread.IsThreadPoolThread && PageCache.TryRead(file, piece.Span, offset, out int read)
            ? new(read)
            : ReadFromDiskAsync(file, piece, offset);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> ReadFromDiskAsync(SafeFileHandle file, Memory<byte> piece, long offset)
    {
        await ThreadPoolSwitch.SwitchAsync();
        return RandomAccess.Read(file, piece.Span, offset);
    }
}
