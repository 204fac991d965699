using Rcomm.Requests;
using Rcomm.Site.FastPath;
using Rcomm.Site.Files;

namespace Rcomm.Site.Routing;

/// <summary>
/// Gives every file of the document root exactly one route: <c>page.html</c> or <c>index.html</c> has its folder's, <c>about.html</c> has <c>/about</c>,
/// every other file has its path. Error pages, and names that start with a dot, have none.
/// </summary>
/// <param name="errorPages">Their paths beneath the root.</param>
internal sealed class Router(DocumentRoot root, IReadOnlyCollection<string> errorPages)
{
    private const string PageExtension = ".html";

    // In this order if a folder has both; the second is then an ordinary file.
    private static readonly string[] FolderPages = ["page.html", "index.html"];

    /// <summary>Finds the route of a path, given as its names.</summary>
    /// <param name="endsWithSlash">True if the path ended with a slash, as only the root's URL does.</param>
    /// <param name="dependencies">Records everything the route depends on; null if that isn't needed.</param>
    public Route Find(IReadOnlyList<string> names, bool endsWithSlash, FileDependencies? dependencies = null)
    {
        if (IsHidden(names)) return new Route.Nowhere();

        string path = string.Join('/', names);
        Route route = Resolve(path, dependencies);
        IReadOnlyList<string> own = route is Route.ToFile file && file.Path == path ? OwnUrl(names, dependencies) : names;
        if (route is not (Route.ToFile or Route.ToFolder) || (own == names && (!endsWithSlash || names.Count == 0))) return route;

        (route as Route.ToFile)?.Entry.Handle!.Dispose();
        return new Route.ToUrl(RequestPath.ToUrl(own));
    }

    /// <summary>Returns true for names that are never served or listed.</summary>
    public bool IsHidden(IReadOnlyList<string> names) =>
        names.Where((name, depth) => name[0] == '.' && !(depth == 0 && name == ".well-known")).Any() || errorPages.Contains(string.Join('/', names));

    private Route Resolve(string path, FileDependencies? dependencies)
    {
        Entry entry = root.Open(path, dependencies);
        switch (entry.Kind)
        {
            case EntryKind.File: return new Route.ToFile(entry, path);
            case EntryKind.Forbidden: return new Route.Forbidden();
            case EntryKind.Busy: return new Route.Busy();
        }
        if (entry.Kind == EntryKind.Folder)
        {
            foreach (string name in FolderPages)
                if (FileAt(path == "" ? name : $"{path}/{name}", dependencies) is { } page) return page;
        }
        return (path == "" ? null : CleanPage(path, dependencies)) ?? (entry.Kind == EntryKind.Folder ? new Route.ToFolder(path) : new Route.Nowhere());
    }

    // about.html is at /about; a folder's page is only at its folder, an error page nowhere.
    private Route? CleanPage(string path, FileDependencies? dependencies)
    {
        string file = path + PageExtension;
        bool isFolderPage = FolderPages.Contains(file[(file.LastIndexOf('/') + 1)..]);
        return isFolderPage || errorPages.Contains(file) ? null : FileAt(file, dependencies);
    }

    private Route? FileAt(string path, FileDependencies? dependencies)
    {
        Entry entry = root.Open(path, dependencies);
        return entry.Kind switch
        {
            EntryKind.File => new Route.ToFile(entry, path),
            EntryKind.Forbidden => new Route.Forbidden(),
            EntryKind.Busy => new Route.Busy(),
            _ => null,
        };
    }

    // Returns the names of a file's own URL: shorter than its path if that leads to the same file.
    private IReadOnlyList<string> OwnUrl(IReadOnlyList<string> names, FileDependencies? dependencies)
    {
        string last = names[^1];
        if (!last.EndsWith(PageExtension, StringComparison.Ordinal) || last == PageExtension) return names;

        List<string> candidate = [.. names.SkipLast(1)];
        if (!FolderPages.Contains(last)) candidate.Add(last[..^PageExtension.Length]);
        if (Resolve(string.Join('/', candidate), dependencies) is not Route.ToFile found) return names;
        found.Entry.Handle!.Dispose();
        return found.Path == string.Join('/', names) ? candidate : names;
    }
}
