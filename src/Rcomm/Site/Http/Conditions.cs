using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Rcomm.Site.Http;

/// <summary>The result of a conditional request.</summary>
internal enum PreconditionResult
{
    Send,
    NotModified,
    PreconditionFailed,
}

/// <summary>Evaluates conditional requests in the order of RFC 9110, section 13.2.2.</summary>
internal static class Conditions
{
    /// <summary>Returns the result for GET and HEAD.</summary>
    /// <param name="headers">The request headers.</param>
    /// <param name="entityTag">The tag of what would be sent.</param>
    /// <param name="modified">When it was last modified, in whole seconds as in the header.</param>
    public static PreconditionResult Evaluate(IHeaderDictionary headers, EntityTag entityTag, DateTimeOffset modified)
    {
        if (headers.IfMatch is { Count: > 0 } ifMatch)
        {
            if (!Matches(ifMatch, entityTag, strongly: true)) return PreconditionResult.PreconditionFailed;
        }
        else if (DateOf(headers.IfUnmodifiedSince) is { } unmodifiedSince && modified > unmodifiedSince) return PreconditionResult.PreconditionFailed;

        if (headers.IfNoneMatch is { Count: > 0 } ifNoneMatch)
            return Matches(ifNoneMatch, entityTag, strongly: false) ? PreconditionResult.NotModified : PreconditionResult.Send;
        return DateOf(headers.IfModifiedSince) is { } modifiedSince && modified <= modifiedSince ? PreconditionResult.NotModified : PreconditionResult.Send;
    }

    /// <summary>Returns true if a range may be sent: there is no If-Range, or it matches what would be sent (RFC 9110, section 13.1.5).</summary>
    public static bool RangeHolds(IHeaderDictionary headers, EntityTag entityTag, DateTimeOffset modified)
    {
        string condition = headers.IfRange.ToString().Trim();
        return condition == "" || (condition == entityTag.Text && !entityTag.IsWeak) || DateOf(condition) == modified;
    }

    // The framework's parser throws on a truncated tag (W/ and a quote at the very end).
    private static bool Matches(StringValues header, EntityTag entityTag, bool strongly)
    {
        ReadOnlySpan<char> opaque = entityTag.Text.AsSpan(entityTag.IsWeak ? 2 : 0);
        foreach (string? line in header)
        {
            ReadOnlySpan<char> rest = line.AsSpan().Trim(" \t,");
            if (rest is "*") return true;
            while (!rest.IsEmpty)
            {
                bool isWeak = rest.StartsWith("W/", StringComparison.Ordinal);
                if (isWeak) rest = rest[2..];
                int end = rest.StartsWith("\"", StringComparison.Ordinal) ? rest[1..].IndexOf('"') : -1;
                // Anything that isn't a list of tags matches nothing.
                if (end < 0) return false;
                ReadOnlySpan<char> tag = rest[..(end + 2)];
                if (tag.SequenceEqual(opaque) && !(strongly && (isWeak || entityTag.IsWeak))) return true;
                rest = rest[tag.Length..].TrimStart(" \t,");
            }
        }
        return false;
    }

    // A date that isn't valid is ignored, as the RFC requires.
    private static DateTimeOffset? DateOf(StringValues header) =>
        header.Count == 1 && HeaderUtilities.TryParseDate(header.ToString(), out DateTimeOffset date) ? date : null;
}
