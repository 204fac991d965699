namespace Rcomm.Site;

/// <summary>Where a request leads: to a file, to another URL, or nowhere.</summary>
internal abstract record Route
{
    /// <summary>A file to send. The receiver disposes the entry's handle.</summary>
    public sealed record ToFile(Entry Entry, string Name) : Route;

    /// <summary>The file has another URL that is its own.</summary>
    public sealed record ToUrl(string Path) : Route;

    /// <summary>There is a file, and the server may not read it.</summary>
    public sealed record Forbidden : Route;

    /// <summary>There is nothing.</summary>
    public sealed record Nowhere : Route;
}
