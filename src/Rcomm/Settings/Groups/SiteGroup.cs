namespace Rcomm.Settings.Groups;

/// <summary>What is served, and the headers that go with it.</summary>
internal static class SiteGroup
{
    public static readonly SettingGroup Group = new("Site");

    public static readonly Setting<string> DocumentRoot = new(Group, "document-root", "./pages", ValueKinds.Folder,
        "the folder to serve") { Argument = "ROOT", IsCommon = true };

    public static readonly Setting<bool> SinglePage = new(Group, "spa", "off", ValueKinds.Switch,
        "answer unknown paths with the root's page, for a single-page application " +
        "(but not names with a dot in them: a missing script is missing)") { IsCommon = true };

    public static readonly Setting<bool> Listing = new(Group, "listing", "off", ValueKinds.Switch,
        "list the contents of a folder that has no page of its own");

    public static readonly Setting<bool> FollowLinks = new(Group, "follow-links", "off", ValueKinds.Switch,
        "serve symbolic links that lead out of the folder");

    public static readonly Setting<bool> Compression = new(Group, "compression", "on", ValueKinds.Switch,
        "compress text for clients that accept it, once for each file; files beside it that end in .br, .zst or .gz are sent in any case");

    public static readonly Setting<int> CacheSize = new(Group, "cache-size", "32m", ValueKinds.Size,
        "memory for small files; a changed file is noticed at once");

    public static readonly Setting<bool> ServerHeader = new(Group, "server-header", "on", ValueKinds.Switch,
        "send Server: rcomm with each answer");

    public static readonly Setting<string> FrameOptions = new(Group, "frame-options", "SAMEORIGIN", ValueKinds.HeaderValue,
        "X-Frame-Options: who may show the pages in a frame; off sends no such header");

    public static readonly Setting<string> ReferrerPolicy = new(Group, "referrer-policy", "strict-origin-when-cross-origin", ValueKinds.HeaderValue,
        "Referrer-Policy: what other sites learn about where a visitor comes from; off sends no such header");

    public static readonly Setting<string> ContentSecurityPolicy = new(Group, "content-security-policy", "", ValueKinds.HeaderValue,
        "Content-Security-Policy: what the pages may load, e.g. default-src 'self'");

    public static readonly Setting<IReadOnlyList<string>> Cors = new(Group, "cors", "", ValueKinds.Origins,
        "origins whose pages may read the answers, e.g. https://app.example.com, separated by commas; * for all");

    /// <summary>What a reload applies to the sites at once.</summary>
    public static IReadOnlyList<Setting> Reloadable { get; } = [DocumentRoot, SinglePage, Listing, FollowLinks, Compression, CacheSize];
}
