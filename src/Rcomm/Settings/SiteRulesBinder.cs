using System.Globalization;
using Rcomm.Requests;
using Rcomm.Site;
using Rcomm.Site.Rules;

namespace Rcomm.Settings;

/// <summary>Converts the rules of a configuration file to the options of a site. Every error names the place.</summary>
/// <param name="file">The file.</param>
/// <param name="place">The place in the file: <c>site</c>, <c>hosts[0]</c>.</param>
internal sealed class SiteRulesBinder(ConfigurationFile file, string place)
{
    /// <summary>Returns the options with the rules of the file.</summary>
    /// <exception cref="ConfigurationException">A rule isn't valid.</exception>
    public SiteOptions Apply(SiteOptions options, SiteFile rules) => options with
    {
        Redirects = Redirects(rules),
        Rewrites = [.. rules.Rewrites.Select((one, i) => new Rewrite(Pattern(one.From, $"rewrites[{i}].from"), PathTarget(one.To, $"rewrites[{i}].to")))],
        Headers = [.. rules.Headers.Select((one, i) =>
            new HeaderRule(Pattern(one.Path, $"headers[{i}].path"), [.. one.Set.Select(header => HeaderOf(header, $"headers[{i}].set"))]))],
        CacheRules = [.. rules.CacheControl.Select((one, i) => new CacheRule(Pattern(one.Path, $"cacheControl[{i}].path"),
            HeaderOf(new("Cache-Control", one.Value), $"cacheControl[{i}].value").Value))],
        ErrorPages = ErrorPages(options, rules),
    };

    /// <summary>Returns the options of a host's own site.</summary>
    /// <exception cref="ConfigurationException">Its folder doesn't exist, or a rule isn't valid.</exception>
    public SiteOptions OfHost(SiteOptions server, HostFile host)
    {
        string root = FullPath(host.DocumentRoot);
        if (!Directory.Exists(root)) throw Wrong("documentRoot", host.DocumentRoot, $"there is no such folder ({root})");
        if (host.Names.Count == 0) throw Wrong("names", "[]", "name at least one host, e.g. example.com or *.example.com");

        SiteOptions own = server with { DocumentRoot = root, SinglePage = host.Spa ?? server.SinglePage, Listing = host.Listing ?? server.Listing };
        return Apply(own, host);
    }

    private List<Redirect> Redirects(SiteFile rules)
    {
        List<Redirect> redirects = [.. rules.Redirects.Select((one, i) => new Redirect(Pattern(one.From, $"redirects[{i}].from"),
            Target(one.To, $"redirects[{i}].to"), RedirectStatus(one.Status, $"redirects[{i}].status")))];
        for (int i = 0; i < redirects.Count; i++)
            if (RedirectLoops.Find(redirects[i], redirects) is { } way)
                throw Wrong($"redirects[{i}]", $"{rules.Redirects[i].From} to {rules.Redirects[i].To}",
                    $"{way[0]} is a redirect loop: {string.Join(" → ", way)}" +
                    $"{(way is [var one, var two] && two == one + "/" ? "; a slash at the end of a path is ignored here" : "")}");
        return redirects;
    }

    /// <summary>Returns the names of a host's own site, in the form of requests.</summary>
    /// <exception cref="ConfigurationException">A name isn't a valid host name.</exception>
    public IReadOnlyList<string> Names(HostFile host) => [.. host.Names.Select((name, i) =>
    {
        bool isName = name is not ("" or "*") && name.LastIndexOf('*') <= 0 && !name.AsSpan().ContainsAny('/', ' ') && (!name.Contains(':') || name[0] == '[');
        return (isName ? HostName.Normalize(name) : null) ?? throw Wrong($"names[{i}]", name, "write a name only, e.g. example.com or *.example.com");
    })];

    private string FullPath(string path)
    {
        try
        {
            return SettingParsers.FullPath(path);
        }
        catch (FormatException e)
        {
            throw Wrong("documentRoot", path, e.Message);
        }
    }

    private Dictionary<int, string> ErrorPages(SiteOptions options, SiteFile rules)
    {
        Dictionary<int, string> pages = new(options.ErrorPages);
        foreach ((string key, string path) in rules.ErrorPages)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int status) || status is < 400 or > 599)
                throw Wrong("errorPages", key, "write a status from 400 to 599");
            pages[status] = path.TrimStart('/');
            if (!File.Exists(Path.Combine(options.DocumentRoot, pages[status])))
                throw Wrong($"errorPages.{key}", path, $"there is no such file in {options.DocumentRoot}");
        }
        return pages;
    }

    private PathPattern Pattern(string text, string member)
    {
        try
        {
            return PathPattern.Parse(text);
        }
        catch (FormatException e)
        {
            throw Wrong(member, text, e.Message);
        }
    }

    private string Target(string text, string member)
    {
        if (!text.StartsWith('/') && !Uri.TryCreate(text, UriKind.Absolute, out _))
            throw Wrong(member, text, "write a path that begins with /, or a whole URL");
        string encoded = string.Concat(text.EnumerateRunes()
            .Select(rune => rune.Value is > ' ' and < 0x7f ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));
        if (encoded != text) throw Wrong(member, text, $"a URL can't contain such characters; write {encoded}");

        // Otherwise the client would determine the host. In an absolute URL a star can't be part of the host name.
        bool isHostOpen = text.StartsWith("//", StringComparison.Ordinal) && text[2..].Split('/')[0].Contains('*');
        return isHostOpen ? throw Wrong(member, text, "a * can only follow the host, e.g. https://example.com/*") : text;
    }

    private string PathTarget(string text, string member) => text.StartsWith('/') ? text : throw Wrong(member, text, "write a path that begins with /");

    private int RedirectStatus(int status, string member) => status is 301 or 302 or 303 or 307 or 308
        ? status
        : throw Wrong(member, status.ToString(CultureInfo.InvariantCulture), "write 301, 302, 303, 307 or 308");

    private (string Name, string Value) HeaderOf(KeyValuePair<string, string> header, string member)
    {
        bool isName = header.Key.Length > 0 && header.Key.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));
        bool isValue = header.Value.All(c => c is >= ' ' and < '\x7f' or '\t');
        return isName && isValue ? (header.Key, header.Value) : throw Wrong(member, $"{header.Key}: {header.Value}", "this header can't be sent");
    }

    private ConfigurationException Wrong(string member, string text, string why) => new($"{file.Place($"{place}.{member}")}: {text}: {why}.");
}
