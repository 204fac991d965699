using System.Text;

namespace Rcomm.Site.Rules;

/// <summary>
/// A pattern of request paths in which <c>*</c> matches any characters, including slashes: <c>/old/*</c>, <c>*.pdf</c>. Matched against the decoded path,
/// case-sensitively.
/// </summary>
internal sealed class PathPattern
{
    private readonly string[] _literals;

    private PathPattern(string text) => _literals = text.Split('*');

    /// <summary>Parses a pattern.</summary>
    /// <exception cref="FormatException">The pattern can't match any path.</exception>
    public static PathPattern Parse(string text) => text is ['/' or '*', ..]
        ? new(text)
        : throw new FormatException($"\"{text}\" matches no path; begin it with / or *, e.g. /old/* or *.pdf");

    /// <summary>Returns a path that matches, with this text in place of each star.</summary>
    public string Example(string star) => "/" + string.Join(star, _literals).TrimStart('/');

    public bool Matches(string path) => Match(path) is not null;

    /// <summary>Returns what each star matches; null if the path doesn't match.</summary>
    public IReadOnlyList<string>? Match(string path)
    {
        if (_literals.Length == 1) return path == _literals[0] ? [] : null;
        string first = _literals[0], last = _literals[^1];
        if (path.Length < first.Length + last.Length || !path.StartsWith(first, StringComparison.Ordinal)
            || !path.EndsWith(last, StringComparison.Ordinal)) return null;

        List<string> stars = [];
        int at = first.Length, end = path.Length - last.Length;
        // Each literal matches as early as possible and the last star takes the rest, so one pass over the path is enough.
        foreach (string literal in _literals.AsSpan(1, _literals.Length - 2))
        {
            int found = path.IndexOf(literal, at, end - at, StringComparison.Ordinal);
            if (found < 0) return null;
            stars.Add(path[at..found]);
            at = found + literal.Length;
        }
        stars.Add(path[at..end]);
        return stars;
    }

    /// <summary>Replaces each star in a target by what the pattern's stars matched, percent-encoded for a URL.</summary>
    public static string Fill(string target, IReadOnlyList<string> stars)
    {
        var filled = new StringBuilder();
        string[] literals = target.Split('*');
        for (int i = 0; i < literals.Length; i++)
        {
            if (i > 0 && i <= stars.Count) filled.Append(string.Join('/', stars[i - 1].Split('/').Select(Uri.EscapeDataString)));
            filled.Append(literals[i]);
        }
        // A match may start with a slash, and two slashes would name another host.
        return target.StartsWith("/*", StringComparison.Ordinal) ? "/" + filled.ToString().TrimStart('/') : filled.ToString();
    }
}
