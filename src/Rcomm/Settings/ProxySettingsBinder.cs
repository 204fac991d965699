using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rcomm.Proxy;
using Rcomm.Settings.Groups;

namespace Rcomm.Settings;

/// <summary>Reads the proxy's routes and options.</summary>
internal static class ProxySettingsBinder
{
    /// <summary>Reads the routes: first those of the file, then the one for the whole site, if any.</summary>
    /// <exception cref="ConfigurationException">A setting isn't valid.</exception>
    public static IReadOnlyList<ProxyRoute> Read(SettingSources sources)
    {
        var limits = new UpstreamLimits(
            sources.Read(ProxyGroup.UpstreamConnections), sources.Read(ProxyGroup.UpstreamQueue), sources.Read(ProxyGroup.UpstreamWait),
            sources.Read(ProxyGroup.UpstreamTimeout), sources.Read(ProxyGroup.UpstreamHealth), sources.Read(ProxyGroup.UpstreamHttp));
        List<ProxyRoute> routes = [];
        for (int i = 0; i < sources.File.Hosts.Count; i++)
            routes.AddRange(RoutesOf(sources.File.Hosts[i].Proxy, new SiteRulesBinder(sources.File, $"hosts[{i}]").Names(sources.File.Hosts[i]),
                limits, $"hosts[{i}].proxy", sources.File));
        routes.AddRange(RoutesOf(sources.File.Site.Proxy, [], limits, "site.proxy", sources.File));
        if (sources.Read(ProxyGroup.Upstream) is { Count: > 0 } whole) routes.Add(new ProxyRoute("/*", [], whole, limits));
        return routes;
    }

    /// <summary>Reads the options for all routes.</summary>
    /// <exception cref="ConfigurationException">A setting isn't valid.</exception>
    public static ForwardingOptions ReadForwarding(SettingSources sources) => new(
        sources.Read(ProxyGroup.UpstreamConnectTimeout), sources.Read(ProxyGroup.UpstreamStreamTimeout),
        new(sources.Read(ProxyGroup.UpstreamBuffering), sources.Read(ProxyGroup.UpstreamBufferMemory), sources.Read(ProxyGroup.UpstreamBufferFile)),
        ReadAuthorities(sources), sources.Read(ProxyGroup.Via), sources.Read(ProxyGroup.UpstreamTrace));

    private static X509Certificate2Collection? ReadAuthorities(SettingSources sources)
    {
        string file = sources.Read(ProxyGroup.UpstreamCa);
        if (file == "") return null;
        X509Certificate2Collection authorities = [];
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConfigurationException($"{sources.Find(ProxyGroup.UpstreamCa).Quoted}: the file can't be read ({e.Message.TrimEnd('.')}). " +
                "Name a file with the authorities' certificates in PEM.");
        }
        return authorities.Count > 0 ? authorities
            : throw new ConfigurationException(
                $"{sources.Find(ProxyGroup.UpstreamCa).Quoted}: the file has no certificate. Name one with \"-----BEGIN CERTIFICATE-----\" in it.");
    }

    private static IEnumerable<ProxyRoute> RoutesOf(List<ProxyFile> routes, IReadOnlyList<string> hosts, UpstreamLimits limits, string place,
        ConfigurationFile file)
    {
        for (int i = 0; i < routes.Count; i++)
        {
            ProxyFile route = routes[i];
            string At(string member) => file.Place($"{place}[{i}].{member}");
            IReadOnlyList<UpstreamAddress> upstreams = Parsed(() => SettingParsers.Upstreams(string.Join(',', route.To)), At("to"));
            if (upstreams.Count == 0) throw new ConfigurationException($"{At("to")}: name at least one upstream, e.g. http://127.0.0.1:3000.");
            if (route.Connections is < 1) throw new ConfigurationException($"{At("connections")}: write a whole number from 1.");
            string health = Parsed(() => route.Health is null ? limits.HealthPath : SettingParsers.UrlPath(route.Health), At("health"));
            Version http = Parsed(() => route.Http is null ? limits.Http : SettingParsers.UpstreamHttp(route.Http), At("http"));
            if (!RouteTable.IsPath(route.Path))
                throw new ConfigurationException($"{At("path")}: \"{route.Path}\" isn't a valid path. Write a path, " +
                    "e.g. /api, or /api/* for everything below it.");
            int requests = route.Connections ?? limits.Requests;
            yield return new ProxyRoute(route.Path, hosts, upstreams, limits with { Requests = requests, HealthPath = health, Http = http });
        }
    }

    private static T Parsed<T>(Func<T> parse, string place)
    {
        try
        {
            return parse();
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{place}: {e.Message}.");
        }
    }
}
