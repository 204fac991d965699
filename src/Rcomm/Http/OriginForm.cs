namespace Rcomm.Http;

/// <summary>A request's target as origin-form (RFC 9112, section 3.2.1): from its path on.</summary>
internal static class OriginForm
{
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
