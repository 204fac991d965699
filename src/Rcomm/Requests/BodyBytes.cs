using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Requests;

/// <summary>Sends a body from memory.</summary>
internal static class BodyBytes
{
    // Up to this size the kernel takes everything or nothing, unless the send buffer is already full.
    private const int Piece = 64 << 10;

    /// <summary>Sends a body whose Content-Length is set.</summary>
    public static ValueTask SendAsync(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > Piece) return SendCountedAsync(context, bytes);
        ValueTask<FlushResult> written = context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
        if (!written.IsCompletedSuccessfully) return WhenWrittenAsync(context, written);
        if (written.Result.IsCompleted) CountNothing(context);
        return default;
    }

    /// <summary>Sends part of a body and counts it, since the client may disconnect before the end.</summary>
    public static async ValueTask SendCountedAsync(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        SentBody sent = SentBody.Of(context);
        while (!bytes.IsEmpty)
        {
            ReadOnlyMemory<byte> piece = bytes[..Math.Min(Piece, bytes.Length)];
            if ((await context.Response.BodyWriter.WriteAsync(piece, context.RequestAborted)).IsCompleted) return;
            sent.Bytes += piece.Length;
            bytes = bytes[piece.Length..];
        }
    }

    private static async ValueTask WhenWrittenAsync(HttpContext context, ValueTask<FlushResult> written)
    {
        bool isSent = false;
        try
        {
            isSent = !(await written).IsCompleted;
        }
        finally
        {
            if (!isSent) CountNothing(context);
        }
    }

    // The connection did not take it.
    private static void CountNothing(HttpContext context) => SentBody.Of(context).Bytes = 0;
}
