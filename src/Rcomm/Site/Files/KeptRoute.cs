using Microsoft.Extensions.Primitives;

namespace Rcomm.Site.Files;

/// <summary>Which file the path of a request led to when it was last looked up.</summary>
/// <param name="path">The file's, beneath the root.</param>
internal sealed class KeptRoute(string path, StringValues cacheControl)
{
    private const long LookUpIntervalMs = 1000;

    private const long LookUpWaitMs = 200;

    private long _lookedUp = Environment.TickCount64;
    private long _sentFor;

    public string Path => path;

    public StringValues CacheControl => cacheControl;

    /// <summary>
    /// True while it may be followed: it is less than a second ago that no file went before this one (a new page.html where index.html was
    /// served, a new encoded sibling). Then the first who asks has to look it up; those that come meanwhile follow it still.
    /// </summary>
    public bool IsCurrent()
    {
        long now = Environment.TickCount64, lookedUp = Volatile.Read(ref _lookedUp);
        return now - lookedUp < LookUpIntervalMs || Interlocked.CompareExchange(ref _lookedUp, now, lookedUp) != lookedUp;
    }

    /// <summary>
    /// The same for one who can't look it up. False once when it is due: that request is handed to one who can. Those that come meanwhile
    /// follow it still, for a fifth of a second.
    /// </summary>
    public bool IsFollowed()
    {
        long lookedUp = Volatile.Read(ref _lookedUp), age = Environment.TickCount64 - lookedUp;
        return age < LookUpIntervalMs || (age < LookUpIntervalMs + LookUpWaitMs && Interlocked.Exchange(ref _sentFor, lookedUp) == lookedUp);
    }

    /// <summary>True where a look-up led to the same file.</summary>
    public bool LeadsTo(string found, StringValues itsCacheControl) => path == found && cacheControl == itsCacheControl;
}
