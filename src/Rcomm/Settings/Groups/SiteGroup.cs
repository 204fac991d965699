namespace Rcomm.Settings.Groups;

/// <summary>The settings for what is served, and its headers.</summary>
internal static class SiteGroup
{
    public static readonly SettingGroup Group = new("Site");

    public static readonly Setting<string> DocumentRoot = new(Group, "document-root", "./pages", ValueKinds.Folder,
        "the folder to serve") { Argument = "ROOT", IsCommon = true };

    public static readonly Setting<bool> SinglePage = new(Group, "spa", "off", ValueKinds.Switch,
        "serve the root's page for unknown paths, for a single-page application " +
        "(except names that contain a dot, e.g. a missing script)") { IsCommon = true };

    public static readonly Setting<bool> Listing = new(Group, "listing", "off", ValueKinds.Switch,
        "list the contents of a folder that has no page of its own");

    public static readonly Setting<bool> FollowLinks = new(Group, "follow-links", "off", ValueKinds.Switch,
        "follow symbolic links that lead out of the folder");

    public static readonly Setting<bool> Compression = new(Group, "compression", "on", ValueKinds.Switch,
        "compress text for clients that accept it, once for each file; precompressed files (.br, .zst, .gz) are sent in any case");

    public static readonly Setting<int> CacheSize = new(Group, "cache-size", "32m", ValueKinds.Size,
        "memory for caching small files; changed files are noticed at once");

    public static readonly Setting<bool> ServerHeader = new(Group, "server-header", "on", ValueKinds.Switch,
        "send Server: rcomm with each response");

    public static readonly Setting<string> FrameOptions = new(Group, "frame-options", "SAMEORIGIN", ValueKinds.HeaderValue,
        "X-Frame-Options: who may show the pages in a frame; off to omit it");

    public static readonly Setting<string> ReferrerPolicy = new(Group, "referrer-policy", "strict-origin-when-cross-origin", ValueKinds.HeaderValue,
        "Referrer-Policy: what other sites learn about where a visitor comes from; off to omit it");

    public static readonly Setting<string> ContentSecurityPolicy = new(Group, "content-security-policy", "", ValueKinds.HeaderValue,
        "Content-Security-Policy: what the pages may load, e.g. default-src 'self'");

    public static readonly Setting<IReadOnlyList<string>> Cors = new(Group, "cors", "", ValueKinds.Origins,
        "origins whose pages may read the responses, e.g. https://app.example.com, separated by commas; * for all");

    /// <summary>The settings of the sites that a reload applies.</summary>
    public static IReadOnlyList<Setting> Reloadable { get; } = [DocumentRoot, SinglePage, Listing, FollowLinks, Compression, CacheSize];
}
