using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Rcomm.Site.Http;

/// <summary>How a body is encoded on the way (RFC 9110, section 8.4.1), in the order in which they are preferred where a client likes several alike.</summary>
internal enum ContentCoding
{
    Identity,
    Brotli,
    Zstandard,
    Gzip,
}

/// <summary>What a client accepts.</summary>
internal static class AcceptedCodings
{
    /// <summary>The names in headers, and in the file names of siblings that were encoded before.</summary>
    public static readonly (ContentCoding Coding, string Name, string Extension)[] Known =
    [
        (ContentCoding.Brotli, "br", ".br"),
        (ContentCoding.Zstandard, "zstd", ".zst"),
        (ContentCoding.Gzip, "gzip", ".gz"),
    ];

    private static volatile Memo? s_last;

    /// <summary>
    /// The codings that a client accepts and doesn't like less than the file as it is, the best first (RFC 9110, section 12.5.3). Identity
    /// is not among them: it is what is left, even where a client excludes it, since an answer it can't read is no worse than none.
    /// </summary>
    public static IReadOnlyList<ContentCoding> Read(StringValues header)
    {
        if (header.Count != 1) return Parse(header);

        // Browsers of one kind all send the same.
        Memo? last = s_last;
        if (last is null || last.Header != header.ToString()) s_last = last = new(header.ToString(), Parse(header));
        return last.Codings;
    }

    public static string NameOf(ContentCoding coding) => Array.Find(Known, known => known.Coding == coding).Name;

    private static IReadOnlyList<ContentCoding> Parse(StringValues header)
    {
        if (header.Count == 0 || !StringWithQualityHeaderValue.TryParseList(header, out IList<StringWithQualityHeaderValue>? values)) return [];

        double others = QualityOf(values, "*") ?? 0, identity = QualityOf(values, "identity") ?? 0;
        return [.. Known
            .Select(known => (known.Coding, Quality: QualityOf(values, known.Name) ?? others))
            .Where(known => known.Quality > 0 && known.Quality >= identity)
            .OrderByDescending(known => known.Quality).ThenBy(known => known.Coding)
            .Select(known => known.Coding)];
    }

    private static double? QualityOf(IList<StringWithQualityHeaderValue> values, string name)
    {
        foreach (StringWithQualityHeaderValue value in values)
            if (value.Value.Equals(name, StringComparison.OrdinalIgnoreCase)
                || (name == "gzip" && value.Value.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))) return value.Quality ?? 1;
        return null;
    }

    private sealed record Memo(string Header, IReadOnlyList<ContentCoding> Codings);
}
