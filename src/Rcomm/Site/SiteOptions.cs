using Rcomm.Site.Files;
using Rcomm.Site.Rules;

namespace Rcomm.Site;

/// <summary>One site: the folder it is in, and what is done with requests for it.</summary>
internal sealed record SiteOptions
{
    /// <summary>Full path of the folder.</summary>
    public required string DocumentRoot { get; init; }

    /// <summary>Paths that lead nowhere are answered with the root's page: a single-page application reads them itself.</summary>
    public bool SinglePage { get; init; }

    /// <summary>A folder without a page of its own is answered with a list of what is in it.</summary>
    public bool Listing { get; init; }

    /// <summary>Links may lead out of the root.</summary>
    public bool FollowLinks { get; init; }

    /// <summary>Full paths of files that are never served, wherever they are.</summary>
    public IReadOnlyList<string> PrivateFiles { get; init; } = [];

    /// <summary>Text is compressed for clients that accept it.</summary>
    public bool Compression { get; init; } = true;

    /// <summary>Bytes of files that are kept in memory.</summary>
    public long CacheSize { get; init; } = 32 << 20;

    /// <summary>Paths beneath the root of the pages for statuses of errors.</summary>
    public IReadOnlyDictionary<int, string> ErrorPages { get; init; } = new Dictionary<int, string> { [404] = "not_found.html" };

    public IReadOnlyList<Redirect> Redirects { get; init; } = [];

    public IReadOnlyList<Rewrite> Rewrites { get; init; } = [];

    public IReadOnlyList<HeaderRule> Headers { get; init; } = [];

    public IReadOnlyList<CacheRule> CacheRules { get; init; } = [];

    /// <summary>How long clients may keep a file; null where nothing is said of it.</summary>
    /// <param name="url">The decoded path it was asked for.</param>
    /// <param name="path">Its own, beneath the root.</param>
    public string? CacheControl(string url, string path)
    {
        if (CacheRules.FirstOrDefault(rule => rule.Path.Matches(url) || rule.Path.Matches("/" + path)) is { } rule) return rule.Value == "" ? null : rule.Value;
        return HashedName.Is(path) ? "public, max-age=31536000, immutable" : null;
    }
}
