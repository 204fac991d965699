using Rcomm.Site.Files;

namespace Rcomm.Site.Routing;

/// <summary>Where a request leads.</summary>
internal abstract record Route
{
    /// <summary>A file to send. The receiver disposes the entry's handle.</summary>
    public sealed record ToFile(Entry Entry, string Path) : Route;

    /// <summary>A folder without a page of its own.</summary>
    public sealed record ToFolder(string Path) : Route;

    /// <summary>What it leads to has another URL that is its own.</summary>
    public sealed record ToUrl(string Path) : Route;

    /// <summary>There is a file, and the server may not read it.</summary>
    public sealed record Forbidden : Route;

    /// <summary>It cannot be told now, see <see cref="EntryKind.Busy"/>.</summary>
    public sealed record Busy : Route;

    /// <summary>There is nothing.</summary>
    public sealed record Nowhere : Route;
}
