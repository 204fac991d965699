using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Rcomm.Site.Http;

/// <summary>The encodings of a body (RFC 9110, section 8.4.1), in the order of preference if a client has none.</summary>
internal enum ContentCoding
{
    Identity,
    Brotli,
    Zstandard,
    Gzip,
}

/// <summary>Parses the codings that a client accepts.</summary>
internal static class AcceptedCodings
{
    /// <summary>The names in headers, and the extensions of encoded siblings.</summary>
    public static readonly (ContentCoding Coding, string Name, string Extension)[] Known =
    [
        (ContentCoding.Brotli, "br", ".br"),
        (ContentCoding.Zstandard, "zstd", ".zst"),
        (ContentCoding.Gzip, "gzip", ".gz"),
    ];

    private static volatile Memo? s_last;

    /// <summary>
    /// Returns the codings that a client accepts at least as readily as identity, best first (RFC 9110, section 12.5.3). Identity is the fallback and not
    /// included. It is sent even to a client that excludes it, since that is no worse than no response.
    /// </summary>
    public static IReadOnlyList<ContentCoding> Read(StringValues header)
    {
        if (header.Count != 1) return Parse(header);

        // Browsers of one kind all send the same header.
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
