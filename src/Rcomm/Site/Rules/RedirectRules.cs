using Rcomm.Site.Routing;

namespace Rcomm.Site.Rules;

/// <summary>The rules that redirect requests to another URL, for every method.</summary>
internal sealed class RedirectRules(IReadOnlyList<Redirect> rules)
{
    /// <summary>Returns the status and the URL of the first rule that matches; null if none does.</summary>
    public (int Status, string Location)? Find(RequestTarget target)
    {
        if (rules.Count == 0 || target.Key is null) return null;
        if ((Find(target.Path) ?? (target.EndsWithSlash ? Find(target.Path + "/") : null)) is not (Redirect rule, string url)) return null;
        return (rule.Status, WithQuery(url, target.Query));
    }

    // The query goes before a fragment (RFC 3986, section 3); a rule's own query replaces the request's.
    private static string WithQuery(string url, string query)
    {
        int fragment = url.IndexOf('#', StringComparison.Ordinal);
        string before = fragment < 0 ? url : url[..fragment];
        return before.Contains('?') ? url : before + query + url[before.Length..];
    }

    private (Redirect, string)? Find(string path)
    {
        foreach (Redirect rule in rules)
            if (rule.From.Match(path) is { } stars) return (rule, PathPattern.Fill(rule.To, stars));
        return null;
    }
}
