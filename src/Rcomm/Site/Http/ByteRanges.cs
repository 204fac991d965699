using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Rcomm.Site.Http;

/// <summary>A range of bytes of a file, from the first to the last, inclusive.</summary>
internal readonly record struct ByteRange(long First, long Last)
{
    public long Length => Last - First + 1;
}

/// <summary>Parses Range headers (RFC 9110, section 14).</summary>
internal static partial class ByteRanges
{
    /// <summary>A header with more ranges is probably an attack; it is ignored, as section 14.2 allows.</summary>
    public const int Max = 16;

    // A position may have any number of digits; no file is this long.
    private const string MaxPosition = "999999999999999999";

    /// <summary>
    /// Returns the ranges in the requested order. Null means that the header is ignored and the whole file sent; empty means that no range can be
    /// satisfied (416).
    /// </summary>
    public static IReadOnlyList<ByteRange>? Read(StringValues header, long length)
    {
        if (header.Count != 1 || !RangeHeaderValue.TryParse(TooLarge().Replace(header.ToString(), MaxPosition), out RangeHeaderValue? range)) return null;
        if (!range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase) || range.Ranges.Count > Max) return null;

        // The last bytes of an empty file are all of it, which Content-Range can't express (section 14.1.2).
        if (length == 0 && range.Ranges.Any(item => item.From is null && item.To > 0)) return null;
        List<ByteRange> found = [];
        foreach (RangeItemHeaderValue item in range.Ranges)
            if (Satisfy(item, length) is { } satisfied) found.Add(satisfied);

        // For overlapping ranges that are larger than the file in total, the whole file is cheaper.
        return found.Count > 1 && found.Sum(one => one.Length) > length ? null : found;
    }

    [GeneratedRegex("[0-9]{19,}")]
    private static partial Regex TooLarge();

    private static ByteRange? Satisfy(RangeItemHeaderValue item, long length)
    {
        if (item.From is not { } from)
        {
            long suffix = Math.Min(item.To ?? 0, length);
            return suffix > 0 ? new(length - suffix, length - 1) : null;
        }
        return from < length ? new(from, Math.Min(item.To ?? long.MaxValue, length - 1)) : null;
    }
}
