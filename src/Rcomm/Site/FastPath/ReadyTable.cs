using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Requests;
using Rcomm.Site.Files;
using Rcomm.Transport.FastPath;

namespace Rcomm.Site.FastPath;

/// <summary>
/// The ready answers: those that the pipeline gave to plain requests, found by what they depended on. The table belongs to one set of sites, and is
/// replaced with them at a reload.
/// </summary>
/// <param name="maxBytes">The maximum size of all files' answers together, in bytes. Their bodies are shared with the file cache.</param>
internal sealed class ReadyTable(long maxBytes)
{
    /// <summary>Kestrel sends larger bodies.</summary>
    private const int MaxBody = 64 << 10;

    private const int FileSlots = 4096;
    private const int OtherSlots = 512;
    private const int OthersShare = 16;
    private const int NotedTargets = 1024;
    // Last-Modified has whole seconds and must not be later than the answer's Date, so a younger file is not published yet.
    private static readonly TimeSpan MinAge = TimeSpan.FromSeconds(3);

    private readonly ReadySlots _files = new(FileSlots, maxBytes);
    // Redirects, errors and listings: clients can request any number of names for these.
    private readonly ReadySlots _others = new(OtherSlots, maxBytes / OthersShare);
    private readonly int[] _noted = new int[NotedTargets];

    public int Count => Files + _others.Count;

    /// <summary>The number of ready answers that are files of the site.</summary>
    public int Files => _files.Count;

    /// <summary>Their size in memory, in bytes.</summary>
    public long Bytes => _files.Bytes + _others.Bytes;

    /// <summary>Finds the answer to a request; returns null if there is no current one.</summary>
    public PublishedAnswer? Find(in PlainRequest request, bool isHttps, long sentBefore)
    {
        Span<byte> room = stackalloc byte[RequestKey.MaxLength];
        ReadOnlySpan<byte> key = room[..RequestKey.Write(request, isHttps, room)];
        uint hash = RequestKey.HashOf(key);
        PublishedAnswer? answer = _files.Find(key, hash) ?? _others.Find(key, hash);
        return answer?.IsCurrent(sentBefore) == true ? answer : null;
    }

    /// <summary>Publishes a file once it is sent, if its request came from the fast path. The connection then returns there.</summary>
    /// <param name="body">The whole body; empty if the answer has none.</param>
    public void Offer(HttpContext context, ReadOnlyMemory<byte> body, FileStore store, FoundFile found)
    {
        if (context.Feature<IFastPathFeature>() is { Answers: not null } fastPath) Offer(context, fastPath, body, store, found);
    }

    private void Offer(HttpContext context, IFastPathFeature fastPath, ReadOnlyMemory<byte> body, FileStore store, FoundFile found)
    {
        if (body.Length > MaxBody || found.File.Modified > DateTimeOffset.UtcNow - MinAge || RequestKey.Of(context) is not { } key) return;
        fastPath.ReturnWhenAnswered();
        PutWhenAnswered(context, _files, key, body, sentBefore => store.IsKept(found, sentBefore));
    }

    /// <summary>Returns a recorder for what another answer depends on; null if the request did not come from the fast path.</summary>
    public static FileDependencies? Watch(HttpContext context) => context.Feature<IFastPathFeature>()?.Answers is null ? null : new FileDependencies();

    /// <summary>Publishes an answer other than a file of the site, from its second request on.</summary>
    /// <param name="text">The body.</param>
    /// <param name="dependencies">What it depends on besides the request and the settings; null if that was not recorded.</param>
    public void Offer(HttpContext context, string text, FileDependencies? dependencies)
    {
        if (dependencies is not null) Offer(context, Encoding.UTF8.GetBytes(text), dependencies, _ => dependencies.AreUnchanged());
    }

    /// <summary>Does the same for an error page.</summary>
    public void Offer(HttpContext context, ReadOnlyMemory<byte> body, FileDependencies dependencies, FileStore store, FoundFile page) =>
        Offer(context, body, dependencies, sentBefore => dependencies.AreUnchanged() && store.IsKept(page, sentBefore));

    private void Offer(HttpContext context, ReadOnlyMemory<byte> body, FileDependencies dependencies, Func<long, bool> stands)
    {
        if (context.Feature<IFastPathFeature>() is not { Answers: not null } fastPath || !dependencies.CanBeChecked || body.Length > MaxBody) return;
        // A connection whose request has a body returns when all of it has been received.
        if (RequestKey.Of(context) is not { } key) return;
        fastPath.ReturnWhenAnswered();
        if (!WasNoted(context)) return;
        PutWhenAnswered(context, _others, key, HttpMethods.IsHead(context.Request.Method) ? default : body, stands);
    }

    // One-time requests, e.g. from vulnerability scanners, are not worth a slot.
    private bool WasNoted(HttpContext context)
    {
        int hash = HashCode.Combine(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, context.Request.Headers.Host.ToString());
        ref int noted = ref _noted[(uint)hash % NotedTargets];
        bool was = noted == hash;
        noted = hash;
        return was;
    }

    // By then the headers are final, whatever code has set them.
    private static void PutWhenAnswered(HttpContext context, ReadySlots slots, RequestKey key, ReadOnlyMemory<byte> body, Func<long, bool> stands) =>
        context.Response.OnCompleted(() =>
        {
            if (PublishedAnswer.Of(context.Response, key, body, stands) is { } answer) slots.Put(answer);
            return Task.CompletedTask;
        });
}
