using System.Text;

namespace Rcomm.Site.Rules;

/// <summary>
/// A path of requests in which each <c>*</c> stands for any characters, slashes too: <c>/old/*</c>, <c>*.pdf</c>. Compared with the decoded
/// path, letter for letter.
/// </summary>
internal sealed class PathPattern
{
    private readonly string[] _literals;

    private PathPattern(string text) => _literals = text.Split('*');

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It cannot match any path.</exception>
    public static PathPattern Parse(string text) => text is ['/' or '*', ..]
        ? new(text)
        : throw new FormatException($"\"{text}\" matches no path; begin it with / or *, like /old/* or *.pdf");

    /// <summary>A path that matches: with this in the place of each star.</summary>
    public string Example(string star) => "/" + string.Join(star, _literals).TrimStart('/');

    public bool Matches(string path) => Match(path) is not null;

    /// <summary>What each star stands for; null where the path does not match.</summary>
    public IReadOnlyList<string>? Match(string path)
    {
        if (_literals.Length == 1) return path == _literals[0] ? [] : null;
        string first = _literals[0], last = _literals[^1];
        if (path.Length < first.Length + last.Length || !path.StartsWith(first, StringComparison.Ordinal)
            || !path.EndsWith(last, StringComparison.Ordinal)) return null;

        List<string> stars = [];
        int at = first.Length, end = path.Length - last.Length;
        // Each literal as early as it can be, the last star takes the rest: never more than one pass over the path.
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

    /// <summary>A target in which each star is replaced by what the pattern's stars stood for, percent-encoded as a URL has it.</summary>
    public static string Fill(string target, IReadOnlyList<string> stars)
    {
        var filled = new StringBuilder();
        string[] literals = target.Split('*');
        for (int i = 0; i < literals.Length; i++)
        {
            if (i > 0 && i <= stars.Count) filled.Append(string.Join('/', stars[i - 1].Split('/').Select(Uri.EscapeDataString)));
            filled.Append(literals[i]);
        }
        // What a star stood for may begin with a slash, and two of them would name another host.
        return target.StartsWith("/*", StringComparison.Ordinal) ? "/" + filled.ToString().TrimStart('/') : filled.ToString();
    }
}
