using Microsoft.AspNetCore.Http;
using Rcomm.Site.Routing;

namespace Rcomm.Site.Rules;

/// <summary>Applies the operator's header rules to a response, last, so that they have priority.</summary>
internal static class HeaderRules
{
    // These headers are meant for a file. On an error they would e.g. let caches keep it as long.
    private static readonly HashSet<string> OfFiles = new(StringComparer.OrdinalIgnoreCase)
    {
        "Cache-Control", "CDN-Cache-Control", "Surrogate-Control", "Expires", "ETag", "Last-Modified", "Content-Type", "Content-Encoding", "Accept-Ranges",
    };

    /// <summary>Applies the rules for a path when the response starts.</summary>
    public static void ApplyAtStart(HttpResponse response, IReadOnlyList<HeaderRule> rules, RequestTarget target)
    {
        if (target.Key is null) return;
        string path = target.EndsWithSlash ? target.Path + "/" : target.Path;
        List<HeaderRule> matching = [.. rules.Where(rule => rule.Path.Matches(path))];
        if (matching.Count == 0) return;
        response.OnStarting(() =>
        {
            Apply(response, matching);
            return Task.CompletedTask;
        });
    }

    private static void Apply(HttpResponse response, List<HeaderRule> rules)
    {
        bool isError = response.StatusCode >= StatusCodes.Status400BadRequest;
        foreach ((string name, string value) in rules.SelectMany(rule => rule.Headers))
        {
            if (isError && OfFiles.Contains(name)) continue;
            // A 304 has no content to describe (RFC 9110, section 15.4.5).
            if (response.StatusCode == StatusCodes.Status304NotModified && name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)) continue;
            if (value == "") response.Headers.Remove(name);
            else response.Headers[name] = value;
        }
    }
}
