namespace Rcomm.Requests;

/// <summary>Converts a request's target to origin-form (RFC 9112, section 3.2.1): the path and the query.</summary>
internal static class OriginForm
{
    /// <summary>
    /// Returns true for an OPTIONS target that is the server itself (section 3.2.4): <c>*</c>, or an absolute form without a path and a query.
    /// </summary>
    public static bool IsServer(string target)
    {
        if (target == "*") return true;
        int authority = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        return authority >= 0 && !target.AsSpan(authority + 3).ContainsAny('/', '?');
    }

    /// <summary>
    /// Returns the path and the query; from an absolute form (<c>http://host/path</c>), what follows the host. Null for <c>*</c>, which has neither.
    /// </summary>
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
