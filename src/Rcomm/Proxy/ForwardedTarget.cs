using System.Text;
using Rcomm.Requests;

namespace Rcomm.Proxy;

/// <summary>
/// Computes the target of a forwarded request: exactly as received, since it may be part of a signature. Dot segments are resolved first, as they were
/// when the route was chosen, so that no path leaves its route.
/// </summary>
internal static class ForwardedTarget
{
    /// <summary>Returns the target for an upstream; null if dot segments are next to encoded slashes, so that the path is ambiguous.</summary>
    public static string? Of(string rawTarget, string method)
    {
        // OPTIONS of a URL without a path is also about the server (RFC 9112, section 3.2.4).
        if (method == "OPTIONS" && OriginForm.IsServer(rawTarget)) return "*";
        string path = RequestPath.Of(rawTarget);
        // Without a dot or a percent sign there are no dot segments.
        if (!path.AsSpan().ContainsAny('.', '%') || !RequestPath.HasDots(path))
            return rawTarget.StartsWith('/') ? rawTarget : path + RequestPath.QueryOf(rawTarget);

        string followed = Follow(path);
        return RequestPath.HasDots(followed) ? null : followed + RequestPath.QueryOf(rawTarget);
    }

    // RFC 3986, section 5.2.4.
    private static string Follow(string path)
    {
        string[] segments = path[1..].Split('/');
        List<string> kept = [];
        foreach (string segment in segments)
        {
            if (IsDots(segment, 1)) continue;
            if (!IsDots(segment, 2)) kept.Add(segment);
            else if (kept.Count > 0) kept.RemoveAt(kept.Count - 1);
        }
        var followed = new StringBuilder().Append('/').AppendJoin('/', kept);
        bool endsWithDots = IsDots(segments[^1], 1) || IsDots(segments[^1], 2);
        if (endsWithDots && kept.Count > 0) followed.Append('/');
        return followed.ToString();
    }

    private static bool IsDots(string segment, int count) =>
        segment.Length >= count && segment.Length <= 3 * count
        && segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase).Equals(count == 1 ? "." : "..", StringComparison.Ordinal);
}
