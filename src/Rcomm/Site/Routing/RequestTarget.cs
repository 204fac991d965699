using System.Buffers;
using Rcomm.Requests;

namespace Rcomm.Site.Routing;

/// <summary>The target of a request line (RFC 9112, section 3.2), parsed once.</summary>
internal sealed class RequestTarget
{
    // A path of only these characters, without empty or dotted names, needs no decoding (RFC 3986, section 2.3).
    private static readonly SearchValues<char> Unreserved = SearchValues.Create("/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    private readonly string _raw;
    private IReadOnlyList<string>? _names;

    private RequestTarget(string raw, string? key, IReadOnlyList<string>? names) => (_raw, Key, _names) = (raw, key, names);

    /// <summary>The normal form of its path, however it was spelled; null if no file can have such a path.</summary>
    public string? Key { get; }

    /// <summary>Whether OPTIONS with this target asks about the server itself (RFC 9112, section 3.2.4).</summary>
    public bool IsServer => OriginForm.IsServer(_raw);

    /// <summary>The decoded names in its path; none for the root.</summary>
    public IReadOnlyList<string> Names => _names ??= Key!.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether the path ends with a slash, as only the root's URL does.</summary>
    public bool EndsWithSlash => Key is { Length: > 1 } && Key.EndsWith('/');

    /// <summary>The decoded path without a trailing slash, which the site's rules are matched against.</summary>
    public string Path => "/" + string.Join('/', Names);

    /// <summary>The query with its question mark, or an empty string.</summary>
    public string Query => RequestPath.QueryOf(_raw);

    public static RequestTarget Parse(string raw)
    {
        string path = RequestPath.Of(raw);
        if (IsNormal(path)) return new(raw, path, null);
        if (!RequestPath.TryParse(raw, out List<string> names)) return new(raw, null, []);
        string url = RequestPath.ToUrl(names);
        return new(raw, path.EndsWith('/') && names.Count > 0 ? url + "/" : url, names);
    }

    private static bool IsNormal(string path) =>
        path.StartsWith('/') && !path.AsSpan().ContainsAnyExcept(Unreserved) && !path.Contains("//", StringComparison.Ordinal)
            && !path.Contains("/.", StringComparison.Ordinal);
}
