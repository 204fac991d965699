using Microsoft.AspNetCore.Http;
using Rcomm.Site.Files;
using Rcomm.Transport.FastPath;

namespace Rcomm.Site.FastPath;

/// <summary>
/// The answers that are ready: those that the pipeline gave to plain requests, found by what they depended on. A slot holds one, the last that was published; there is no lock
/// and no order. It belongs to one set of sites, and goes with them at a reload.
/// </summary>
/// <param name="maxBytes">Of all answers together. Their bodies are the ones that the file cache keeps.</param>
internal sealed class ReadyTable(long maxBytes)
{
    /// <summary>A larger body is Kestrel's to send.</summary>
    private const int MaxBody = 64 << 10;

    private const int Slots = 4096;
    // The time in whole seconds that Last-Modified has may not be later than the date of the answer: a file as young as this is not published yet.
    private static readonly TimeSpan MinAge = TimeSpan.FromSeconds(3);

    private readonly PublishedAnswer?[] _slots = new PublishedAnswer?[Slots];
    private long _bytes;

    /// <summary>The answer to a request; null where there is none that is current.</summary>
    public PublishedAnswer? Find(in PlainRequest request, bool isHttps, long moment)
    {
        Span<byte> room = stackalloc byte[RequestKey.MaxLength];
        ReadOnlySpan<byte> key = room[..RequestKey.Write(request, isHttps, room)];
        PublishedAnswer? answer = Volatile.Read(ref _slots[RequestKey.HashOf(key) % Slots]);
        return answer is not null && answer.Key.Bytes.AsSpan().SequenceEqual(key) && answer.IsCurrent(moment) ? answer : null;
    }

    /// <summary>Publishes what is being answered, once it was sent, where the request came from the fast path; its connection then goes back there.</summary>
    /// <param name="body">All of it; empty where the answer has none.</param>
    public void Offer(HttpContext context, ReadOnlyMemory<byte> body, FileStore store, FoundFile found)
    {
        if (context.Features.Get<IFastPathFeature>() is not { Answers: not null } fastPath) return;
        if (body.Length > MaxBody || found.File.Modified > DateTimeOffset.UtcNow - MinAge || RequestKey.Of(context) is not { } key) return;

        fastPath.ReturnWhenAnswered();
        // Then the headers are what was sent, whoever set them.
        context.Response.OnCompleted(() =>
        {
            if (PublishedAnswer.Of(context.Response, key, body, store, found) is { } answer) Put(answer);
            return Task.CompletedTask;
        });
    }

    private void Put(PublishedAnswer answer)
    {
        PublishedAnswer? before = Interlocked.Exchange(ref _slots[answer.Key.Hash % Slots], answer);
        // Answers that nobody asks for are found by nothing but this.
        if (Interlocked.Add(ref _bytes, answer.Size - (before?.Size ?? 0)) <= maxBytes) return;
        Array.Clear(_slots);
        Interlocked.Exchange(ref _bytes, 0);
    }
}
