using Rcomm.Site.Files;
using Rcomm.Site.Rules;

namespace Rcomm.Site;

/// <summary>One site: its folder, and how requests for it are answered.</summary>
internal sealed record SiteOptions
{
    /// <summary>The full path of the folder.</summary>
    public required string DocumentRoot { get; init; }

    /// <summary>Whether paths that lead nowhere are answered with the root's page, for a single-page application.</summary>
    public bool SinglePage { get; init; }

    /// <summary>Whether a folder without a page is answered with a list of its contents.</summary>
    public bool Listing { get; init; }

    /// <summary>Whether links may lead out of the root.</summary>
    public bool FollowLinks { get; init; }

    /// <summary>Full paths of files that are never served.</summary>
    public IReadOnlyList<string> PrivateFiles { get; init; } = [];

    /// <summary>Whether text is compressed for clients that accept it.</summary>
    public bool Compression { get; init; } = true;

    /// <summary>The size of the file cache, in bytes.</summary>
    public long CacheSize { get; init; } = 32 << 20;

    /// <summary>The paths beneath the root of the error pages, by status.</summary>
    public IReadOnlyDictionary<int, string> ErrorPages { get; init; } = new Dictionary<int, string> { [404] = "not_found.html" };

    public IReadOnlyList<Redirect> Redirects { get; init; } = [];

    public IReadOnlyList<Rewrite> Rewrites { get; init; } = [];

    public IReadOnlyList<HeaderRule> Headers { get; init; } = [];

    public IReadOnlyList<CacheRule> CacheRules { get; init; } = [];

    /// <summary>Returns the Cache-Control of a file; null for none.</summary>
    /// <param name="url">The decoded path that was requested.</param>
    /// <param name="path">The file's path beneath the root.</param>
    public string? CacheControl(string url, string path)
    {
        if (CacheRules.FirstOrDefault(rule => rule.Path.Matches(url) || rule.Path.Matches("/" + path)) is { } rule) return rule.Value == "" ? null : rule.Value;
        return HashedName.Is(path) ? "public, max-age=31536000, immutable" : null;
    }
}
