using System.Text;
using System.Text.Json;

namespace Rcomm.BurstReports.Html;

/// <summary><c>--html FILE</c>: the report as one self-contained page, to be sent, stored or attached.</summary>
internal static class HtmlReport
{
    private const string DataMark = "{/*data*/}";

    /// <summary>Checks before a burst whether its page can be written afterwards.</summary>
    /// <exception cref="BurstFileException">It can't.</exception>
    public static void CheckPath(string path)
    {
        if (Directory.Exists(path)) throw new BurstFileException($"--html {path}: this is a folder; name a file, e.g. report.html.");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new BurstFileException($"--html {path}: the folder {folder} does not exist. Create it, or name another file.");
    }

    /// <exception cref="BurstFileException">The file can't be written.</exception>
    public static void Write(BurstReport report, string path)
    {
        // The serializer writes < as \u003C, so no name or URL can end the script that contains the data.
        string data = JsonSerializer.Serialize(HtmlDocument.Of(report), HtmlJson.Default.HtmlDocument);
        try
        {
            File.WriteAllText(path, ReadTemplate().Replace(DataMark, data, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BurstFileException($"--html {path}: {e.Message} Name another file; --json keeps the same result.");
        }
    }

    private static string ReadTemplate()
    {
        using Stream page = typeof(HtmlReport).Assembly.GetManifestResourceStream("burst.html")!;
        using var reader = new StreamReader(page, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
