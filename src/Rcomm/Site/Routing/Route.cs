using Rcomm.Site.Files;

namespace Rcomm.Site.Routing;

/// <summary>The destination of a request.</summary>
internal abstract record Route
{
    /// <summary>A file to send. The receiver disposes the entry's handle.</summary>
    public sealed record ToFile(Entry Entry, string Path) : Route;

    /// <summary>A folder without a page.</summary>
    public sealed record ToFolder(string Path) : Route;

    /// <summary>A file or folder whose own URL is another one.</summary>
    public sealed record ToUrl(string Path) : Route;

    /// <summary>A file that the server may not read.</summary>
    public sealed record Forbidden : Route;

    /// <summary>Unknown at the moment; see <see cref="EntryKind.Busy"/>.</summary>
    public sealed record Busy : Route;

    /// <summary>Nothing.</summary>
    public sealed record Nowhere : Route;
}
