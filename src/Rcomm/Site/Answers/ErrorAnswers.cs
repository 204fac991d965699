using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Rcomm.Site.Files;

namespace Rcomm.Site.Answers;

/// <summary>Answers that are no success: with the site's own page for the status where it has one, a line of text where not.</summary>
internal sealed class ErrorAnswers(DocumentRoot root, FileLoader loader, FileCache cache, FileAnswer files, IReadOnlyDictionary<int, string> pages)
{
    public async Task SendAsync(HttpContext context, int status)
    {
        if (pages.TryGetValue(status, out string? path) && Page(path) is { } page && await files.TrySendErrorAsync(context, status, page)) return;
        await TextAnswer.SendAsync(context, status, string.Create(CultureInfo.InvariantCulture, $"{status} {ReasonPhrases.GetReasonPhrase(status)}\n"));
    }

    // Error pages have no route, so their own path is a key that no request has.
    private StoredFile? Page(string path)
    {
        if (cache.Find(path) is { } kept && kept.IsCurrent()) return kept;

        Entry entry = root.Open(path);
        if (entry.Kind != EntryKind.File) return null;
        StoredFile found = loader.Load(entry, path);
        cache.Keep(path, found);
        return found;
    }
}
