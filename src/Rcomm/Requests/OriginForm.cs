namespace Rcomm.Requests;

/// <summary>A request's target as origin-form (RFC 9112, section 3.2.1): from its path on.</summary>
internal static class OriginForm
{
    /// <summary>
    /// True for the target of OPTIONS that is no resource but the server itself (section 3.2.4): <c>*</c>, or an absolute form without a
    /// path and a query.
    /// </summary>
    public static bool IsServer(string target)
    {
        if (target == "*") return true;
        int authority = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        return authority >= 0 && !target.AsSpan(authority + 3).ContainsAny('/', '?');
    }

    /// <summary>The path and the query; of an absolute form (<c>http://host/path</c>) what follows the host. Null for <c>*</c>, which has neither.</summary>
    public static string? Of(string target)
    {
        if (target.StartsWith('/')) return target;
        int authority = target.IndexOf("://", StringComparison.Ordinal);
        if (authority < 0) return null;
        int path = target.AsSpan(authority + 3).IndexOfAny('/', '?');
        if (path < 0) return "/";
        string rest = target[(authority + 3 + path)..];
        return rest[0] == '/' ? rest : "/" + rest;
    }
}
