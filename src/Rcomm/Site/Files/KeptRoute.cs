using Microsoft.Extensions.Primitives;

namespace Rcomm.Site.Files;

/// <summary>The file that a request's path led to when it was last looked up.</summary>
/// <param name="path">The path of the file, beneath the root.</param>
internal sealed class KeptRoute(string path, StringValues cacheControl)
{
    private const long LookUpIntervalMs = 1000;

    private const long LookUpWaitMs = 200;

    private long _lookedUp = Environment.TickCount64;
    private long _sentFor;

    public string Path => path;

    public StringValues CacheControl => cacheControl;

    /// <summary>
    /// Returns true if the last lookup is less than a second old. A newer file may have priority (a new page.html where index.html was served, a new
    /// encoded sibling), so when a lookup is due the first caller gets false and must do it; the others still use this route.
    /// </summary>
    public bool IsCurrent()
    {
        long now = Environment.TickCount64, lookedUp = Volatile.Read(ref _lookedUp);
        return now - lookedUp < LookUpIntervalMs || Interlocked.CompareExchange(ref _lookedUp, now, lookedUp) != lookedUp;
    }

    /// <summary>
    /// Does the same for callers that can't look up. When a lookup is due, returns false once, and that request is handed to code that can. For a fifth
    /// of a second the others still use this route.
    /// </summary>
    public bool IsFollowed()
    {
        long lookedUp = Volatile.Read(ref _lookedUp), age = Environment.TickCount64 - lookedUp;
        return age < LookUpIntervalMs || (age < LookUpIntervalMs + LookUpWaitMs && Interlocked.Exchange(ref _sentFor, lookedUp) == lookedUp);
    }

    /// <summary>Returns true if a lookup led to the same file.</summary>
    public bool LeadsTo(string found, StringValues itsCacheControl) => path == found && cacheControl == itsCacheControl;
}
