using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Rcomm.Requests;
using Rcomm.Shared.Linux;
using Rcomm.Site.FastPath;
using Rcomm.Site.Files;
using Rcomm.Site.Routing;

namespace Rcomm.Site.Answers;

/// <summary>A page that lists a folder, sorted by the query (<c>?sort=size&amp;order=down</c>). Works without scripts.</summary>
internal sealed class FolderListing(DocumentRoot root, Router router, ReadyTable? ready)
{
    // The page needs only its own style, whatever the site's pages may load.
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    private static readonly string[] Columns = ["name", "size", "modified"];

    /// <param name="dependencies">Records what the list depends on; null if that isn't needed.</param>
    public Task SendAsync(HttpContext context, string folder, FileDependencies? dependencies)
    {
        string sort = Columns.Contains(context.Request.Query["sort"].ToString()) ? context.Request.Query["sort"].ToString() : Columns[0];
        bool down = context.Request.Query["order"] == "down";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.ContentSecurityPolicy = Policy;
        string page = Page(folder, Sorted(Visible(folder, dependencies), sort, down), sort, down);
        ready?.Offer(context, page, dependencies);
        return TextAnswer.SendAsync(context, StatusCodes.Status200OK, page, "text/html; charset=utf-8");
    }

    // As a request would find them: entries that lead out of the root or can't be read are omitted.
    private List<Row> Visible(string folder, FileDependencies? dependencies)
    {
        string[] names = folder == "" ? [] : folder.Split('/');
        List<Row> rows = [];
        foreach (string name in root.List(folder))
        {
            if (router.IsHidden([.. names, name])) continue;
            Entry entry = TryOpen(folder == "" ? name : $"{folder}/{name}", dependencies);
            entry.Handle?.Dispose();
            if (entry.Kind is EntryKind.File or EntryKind.Folder) rows.Add(new(name, entry.Kind == EntryKind.Folder, entry.Stamp));
        }
        return rows;
    }

    // One unreadable file must not hide the others.
    private Entry TryOpen(string path, FileDependencies? dependencies)
    {
        try
        {
            return root.Open(path, dependencies);
        }
        catch (IOException)
        {
            // A file with a disk error may be readable again at any time.
            dependencies?.Add(path, new Entry(EntryKind.Busy));
            return default;
        }
    }

    private static List<Row> Sorted(List<Row> rows, string sort, bool down)
    {
        // Folders stay above files, whatever the order.
        var folders = rows.OrderByDescending(row => row.IsFolder);
        IOrderedEnumerable<Row> sorted = (sort, down) switch
        {
            ("size", false) => folders.ThenBy(row => row.Length),
            ("size", true) => folders.ThenByDescending(row => row.Length),
            ("modified", false) => folders.ThenBy(row => row.Stamp.ModifiedNs),
            ("modified", true) => folders.ThenByDescending(row => row.Stamp.ModifiedNs),
            (_, true) => folders.ThenByDescending(row => row.Name, StringComparer.OrdinalIgnoreCase),
            _ => folders.ThenBy(row => row.Name, StringComparer.OrdinalIgnoreCase),
        };
        return [.. sorted.ThenBy(row => row.Name, StringComparer.Ordinal)];
    }

    private static string Page(string folder, List<Row> rows, string sort, bool down)
    {
        string title = Text("/" + folder);
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{title}}</title>
            <style>
            :root { color-scheme: light dark; }
            body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
            h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
            table { width: 100%; border-collapse: collapse; }
            th, td { padding: .4rem .6rem; text-align: left; border-bottom: 1px solid #8884; }
            th:nth-child(n+2), td:nth-child(n+2) { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
            td:first-child { overflow-wrap: anywhere; }
            tbody tr:hover { background: #8882; }
            a { color: #0d6e74; text-decoration: none; } a:hover { text-decoration: underline; }
            @media (prefers-color-scheme: dark) { a { color: #5cc9cf; } }
            @media (max-width: 35rem) { th:nth-child(3), td:nth-child(3) { display: none; } }
            </style>
            </head>
            <body>
            <h1>{{title}}</h1>
            <table>
            <thead><tr>{{string.Concat(Columns.Select(column => Heading(column, sort, down)))}}</tr></thead>
            <tbody>

            """);
        if (folder != "")
            page.Append(CultureInfo.InvariantCulture,
                $"<tr><td><a href=\"{Url(folder.Contains('/') ? folder[..folder.LastIndexOf('/')] : "")}\">..</a></td><td></td><td></td></tr>\n");
        foreach (Row row in rows) page.Append(Html(folder, row));
        return page.Append("</tbody>\n</table>\n</body>\n</html>\n").ToString();
    }

    private static string Heading(string column, string sort, bool down)
    {
        string mark = column != sort ? "" : down ? " ↓" : " ↑";
        string order = column == sort && !down ? "down" : "up";
        return $"<th><a href=\"?sort={column}&amp;order={order}\">{column}{mark}</a></th>";
    }

    private static string Html(string folder, Row row)
    {
        string url = Url(folder == "" ? row.Name : $"{folder}/{row.Name}");
        string modified = row.Stamp == default ? "" : row.Stamp.Modified.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        string name = Text(row.Name) + (row.IsFolder ? "/" : "");
        return $"<tr><td><a href=\"{url}\">{name}</a></td><td>{(row.IsFolder ? "" : Size(row.Length))}</td><td>{modified}</td></tr>\n";
    }

    private static string Url(string path) => Text(RequestPath.ToUrl(path.Split('/', StringSplitOptions.RemoveEmptyEntries)));

    // A name may contain any character but a slash.
    private static string Text(string text) => HtmlEncoder.Default.Encode(text);

    private static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double size = bytes;
        int unit = 0;
        for (; size >= 1024 && unit < units.Length - 1; unit++) size /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 || size >= 100 ? $"{size:0}" : $"{size:0.0}")} {units[unit]}");
    }

    private sealed record Row(string Name, bool IsFolder, FileStamp Stamp)
    {
        public long Length => IsFolder ? 0 : Stamp.Length;
    }
}
