using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Win32.SafeHandles;
using Rcomm.Requests;
using Rcomm.Site.FastPath;
using Rcomm.Site.Files;

namespace Rcomm.Site.Answers;

/// <summary>Answers with an error: the site's own page for the status if it has one, otherwise a line of text.</summary>
internal sealed class ErrorAnswers(DocumentRoot root, FileStore store, FileAnswer files, IReadOnlyDictionary<int, string> pages, ReadyTable? ready)
{
    // Headers meant for the file or its encoded form, which must not apply to an error.
    private static readonly string[] HeadersOfFiles =
        ["Cache-Control", "Content-Encoding", "Content-Range", "ETag", "Expires", "Last-Modified", "Accept-Ranges", "CDN-Cache-Control", "Surrogate-Control"];

    /// <param name="dependencies">What the error depends on; null if it isn't for the fast path.</param>
    public async Task SendAsync(HttpContext context, int status, FileDependencies? dependencies = null)
    {
        foreach (string name in HeadersOfFiles) context.Response.Headers.Remove(name);
        if (pages.TryGetValue(status, out string? path) && await TrySendPageAsync(context, status, path, dependencies)) return;
        string text = string.Create(CultureInfo.InvariantCulture, $"{status} {ReasonPhrases.GetReasonPhrase(status)}\n");
        ready?.Offer(context, text, dependencies);
        await TextAnswer.SendAsync(context, status, text);
    }

    private async Task<bool> TrySendPageAsync(HttpContext context, int status, string path, FileDependencies? dependencies)
    {
        // Error pages have no URL, and no request's key starts with two slashes.
        string key = "//" + path;
        if (store.TryFind(key, context.SentBefore(), out FoundFile kept))
            return await files.TrySendErrorAsync(context, status, kept, handle: null, dependencies);

        await ThreadPoolSwitch.SwitchAsync();
        Entry entry = root.Open(path, dependencies);
        if (entry.Kind != EntryKind.File) return false;
        using SafeFileHandle handle = entry.Handle!;
        FoundFile found = await store.LoadAsync(key, path, entry, cacheControl: default);
        return await files.TrySendErrorAsync(context, status, found, handle, dependencies);
    }
}
