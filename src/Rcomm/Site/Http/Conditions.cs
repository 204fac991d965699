using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Rcomm.Site;

/// <summary>What a conditional request comes to.</summary>
internal enum Verdict
{
    Send,
    NotModified,
    PreconditionFailed,
}

/// <summary>Judges conditional requests in the order of RFC 9110, section 13.2.2.</summary>
internal static class Conditions
{
    /// <summary>The verdict for GET and HEAD.</summary>
    /// <param name="headers">The request's.</param>
    /// <param name="entityTag">The strong tag of what would be sent, in its quotes.</param>
    /// <param name="modified">When that was changed, in whole seconds as the header has it.</param>
    public static Verdict Judge(IHeaderDictionary headers, string entityTag, DateTimeOffset modified)
    {
        if (headers.IfMatch is { Count: > 0 } ifMatch)
        {
            if (!Matches(ifMatch, entityTag, strongly: true)) return Verdict.PreconditionFailed;
        }
        else if (DateOf(headers.IfUnmodifiedSince) is { } unmodifiedSince && modified > unmodifiedSince) return Verdict.PreconditionFailed;

        if (headers.IfNoneMatch is { Count: > 0 } ifNoneMatch) return Matches(ifNoneMatch, entityTag, strongly: false) ? Verdict.NotModified : Verdict.Send;
        return DateOf(headers.IfModifiedSince) is { } modifiedSince && modified <= modifiedSince ? Verdict.NotModified : Verdict.Send;
    }

    /// <summary>True where a range may be sent: there is no If-Range, or it names just what would be sent (RFC 9110, section 13.1.5).</summary>
    public static bool RangeHolds(IHeaderDictionary headers, string entityTag, DateTimeOffset modified)
    {
        if (headers.IfRange.Count == 0) return true;
        if (!RangeConditionHeaderValue.TryParse(headers.IfRange.ToString(), out RangeConditionHeaderValue? condition)) return false;
        return condition.EntityTag is { } tag ? !tag.IsWeak && tag.Tag.Equals(entityTag, StringComparison.Ordinal) : condition.LastModified == modified;
    }

    // A header that cannot be read is passed over, as the RFC asks for dates; a tag list that is none matches nothing.
    private static bool Matches(StringValues header, string entityTag, bool strongly)
    {
        if (!EntityTagHeaderValue.TryParseList(header, out IList<EntityTagHeaderValue>? tags)) return false;
        foreach (EntityTagHeaderValue tag in tags)
        {
            if (tag.Tag.Equals("*", StringComparison.Ordinal)) return true;
            if (tag.Tag.Equals(entityTag, StringComparison.Ordinal) && !(strongly && tag.IsWeak)) return true;
        }
        return false;
    }

    private static DateTimeOffset? DateOf(StringValues header) =>
        header.Count == 1 && HeaderUtilities.TryParseDate(header.ToString(), out DateTimeOffset date) ? date : null;
}
