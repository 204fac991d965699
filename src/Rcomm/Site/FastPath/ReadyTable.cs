using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Requests;
using Rcomm.Site.Files;
using Rcomm.Transport.FastPath;

namespace Rcomm.Site.FastPath;

/// <summary>
/// The answers that are ready: those that the pipeline gave to plain requests, found by what they depended on. It belongs to one set of
/// sites, and goes with them at a reload.
/// </summary>
/// <param name="maxBytes">Of all files' answers together. Their bodies are the ones that the file cache keeps.</param>
internal sealed class ReadyTable(long maxBytes)
{
    /// <summary>A larger body is Kestrel's to send.</summary>
    private const int MaxBody = 64 << 10;

    private const int FileSlots = 4096;
    private const int OtherSlots = 512;
    private const int OthersShare = 16;
    private const int NotedTargets = 1024;
    // The time in whole seconds that Last-Modified has may not be later than the date of the answer: a file as young as this is not published yet.
    private static readonly TimeSpan MinAge = TimeSpan.FromSeconds(3);

    private readonly ReadySlots _files = new(FileSlots, maxBytes);
    // Redirects, errors and listings: of these there are as many as there are names that a client may think of.
    private readonly ReadySlots _others = new(OtherSlots, maxBytes / OthersShare);
    private readonly int[] _noted = new int[NotedTargets];

    /// <summary>How many answers are ready.</summary>
    public int Count => _files.Count + _others.Count;

    /// <summary>Bytes of memory that they hold.</summary>
    public long Bytes => _files.Bytes + _others.Bytes;

    /// <summary>The answer to a request; null where there is none that is current.</summary>
    public PublishedAnswer? Find(in PlainRequest request, bool isHttps, long moment)
    {
        Span<byte> room = stackalloc byte[RequestKey.MaxLength];
        ReadOnlySpan<byte> key = room[..RequestKey.Write(request, isHttps, room)];
        uint hash = RequestKey.HashOf(key);
        PublishedAnswer? answer = _files.Find(key, hash) ?? _others.Find(key, hash);
        return answer?.IsCurrent(moment) == true ? answer : null;
    }

    /// <summary>Publishes the file that is being sent, once it was, where the request came from the fast path; its connection then goes back there.</summary>
    /// <param name="body">All of it; empty where the answer has none.</param>
    public void Offer(HttpContext context, ReadOnlyMemory<byte> body, FileStore store, FoundFile found)
    {
        if (context.Feature<IFastPathFeature>() is { Answers: not null } fastPath) Offer(context, fastPath, body, store, found);
    }

    private void Offer(HttpContext context, IFastPathFeature fastPath, ReadOnlyMemory<byte> body, FileStore store, FoundFile found)
    {
        if (body.Length > MaxBody || found.File.Modified > DateTimeOffset.UtcNow - MinAge || RequestKey.Of(context) is not { } key) return;
        fastPath.ReturnWhenAnswered();
        PutWhenAnswered(context, _files, key, body, () => store.IsKept(found));
    }

    /// <summary>What is seen while another answer is made; null where the request did not come from the fast path.</summary>
    public static SeenPlaces? Watch(HttpContext context) => context.Feature<IFastPathFeature>()?.Answers is null ? null : new SeenPlaces();

    /// <summary>Publishes an answer that is no file of the site, from the second time on that it is asked for.</summary>
    /// <param name="text">Its body.</param>
    /// <param name="seen">What it depends on beside the request and the settings; null where nobody watched.</param>
    public void Offer(HttpContext context, string text, SeenPlaces? seen)
    {
        if (seen is not null) Offer(context, Encoding.UTF8.GetBytes(text), seen, seen.AreUnchanged);
    }

    /// <summary>The same for an error's page.</summary>
    public void Offer(HttpContext context, ReadOnlyMemory<byte> body, SeenPlaces seen, FileStore store, FoundFile page) =>
        Offer(context, body, seen, () => seen.AreUnchanged() && store.IsKept(page));

    private void Offer(HttpContext context, ReadOnlyMemory<byte> body, SeenPlaces seen, Func<bool> stands)
    {
        if (context.Feature<IFastPathFeature>() is not { Answers: not null } fastPath || !seen.CanBeChecked || body.Length > MaxBody) return;
        // A connection whose request has a body goes back when all of it has come.
        if (RequestKey.Of(context) is not { } key) return;
        fastPath.ReturnWhenAnswered();
        if (!WasNoted(context)) return;
        PutWhenAnswered(context, _others, key, HttpMethods.IsHead(context.Request.Method) ? default : body, stands);
    }

    // What is asked for once, e.g. by somebody who looks for holes, is not worth a place.
    private bool WasNoted(HttpContext context)
    {
        int hash = HashCode.Combine(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, context.Request.Headers.Host.ToString());
        ref int noted = ref _noted[(uint)hash % NotedTargets];
        bool was = noted == hash;
        noted = hash;
        return was;
    }

    // Then the headers are what was sent, whoever set them.
    private static void PutWhenAnswered(HttpContext context, ReadySlots slots, RequestKey key, ReadOnlyMemory<byte> body, Func<bool> stands) =>
        context.Response.OnCompleted(() =>
        {
            if (PublishedAnswer.Of(context.Response, key, body, stands) is { } answer) slots.Put(answer);
            return Task.CompletedTask;
        });
}
