namespace Rcomm.Site;

/// <summary>
/// Gives every file of the document root its one route: <c>page.html</c> or <c>index.html</c> has its folder's, every other
/// file its path. The page for what is not found, and names that begin with a dot, have none.
/// </summary>
internal sealed class Router(DocumentRoot root)
{
    public const string NotFoundPage = "not_found.html";

    // In this order where a folder has both; the second is then a file like any other.
    private static readonly string[] FolderPages = ["page.html", "index.html"];

    public Route Find(IReadOnlyList<string> segments)
    {
        if (IsHidden(segments)) return new Route.Nowhere();

        string path = string.Join('/', segments);
        Entry entry = root.Open(path);
        return entry.Kind switch
        {
            EntryKind.Folder => PageOf(path),
            EntryKind.File when IsPageOfItsFolder(segments) => Redirect(entry, segments),
            EntryKind.File => new Route.ToFile(entry, segments[^1]),
            EntryKind.Forbidden => new Route.Forbidden(),
            _ => new Route.Nowhere(),
        };
    }

    private static bool IsHidden(IReadOnlyList<string> segments) =>
        segments is [NotFoundPage] || segments.Where((name, depth) => name[0] == '.' && !(depth == 0 && name == ".well-known")).Any();

    private Route PageOf(string folder)
    {
        foreach (string name in FolderPages)
        {
            Entry page = root.Open(Join(folder, name));
            if (page.Kind == EntryKind.File) return new Route.ToFile(page, name);
            if (page.Kind == EntryKind.Forbidden) return new Route.Forbidden();
        }
        return new Route.Nowhere();
    }

    private bool IsPageOfItsFolder(IReadOnlyList<string> segments)
    {
        if (segments[^1] == FolderPages[0]) return true;
        if (segments[^1] != FolderPages[1]) return false;

        Entry first = root.Open(Join(string.Join('/', segments.SkipLast(1)), FolderPages[0]));
        first.Handle?.Dispose();
        return first.Kind != EntryKind.File;
    }

    private static Route.ToUrl Redirect(Entry entry, IReadOnlyList<string> segments)
    {
        entry.Handle!.Dispose();
        return new Route.ToUrl(RequestPath.ToUrl(segments.SkipLast(1)));
    }

    private static string Join(string folder, string name) => folder == "" ? name : $"{folder}/{name}";
}
