using Rcomm.Proxy;
using Rcomm.Settings.Groups;


namespace Rcomm.Settings;

/// <summary>Reads which requests other services answer.</summary>
internal static class ProxySettingsBinder
{
    /// <summary>The routes of the file first, then the whole site's where there is one.</summary>
    /// <exception cref="ConfigurationException">One of them is wrong.</exception>
    public static IReadOnlyList<ProxyRoute> Read(SettingSources sources)
    {
        var limits = new UpstreamLimits(
            sources.Read(ProxyGroup.UpstreamConnections), sources.Read(ProxyGroup.UpstreamQueue), sources.Read(ProxyGroup.UpstreamWait),
            sources.Read(ProxyGroup.UpstreamTimeout), sources.Read(ProxyGroup.UpstreamHealth));
        List<ProxyRoute> routes = [];
        for (int i = 0; i < sources.File.Hosts.Count; i++)
            routes.AddRange(RoutesOf(sources.File.Hosts[i].Proxy, sources.File.Hosts[i].Names, limits, $"hosts[{i}].proxy", sources.File.Name));
        routes.AddRange(RoutesOf(sources.File.Site.Proxy, [], limits, "site.proxy", sources.File.Name));
        if (sources.Read(ProxyGroup.Upstream) is { Count: > 0 } whole) routes.Add(new ProxyRoute("/*", [], whole, limits));
        return routes;
    }

    private static IEnumerable<ProxyRoute> RoutesOf(List<ProxyFile> routes, IReadOnlyList<string> hosts, UpstreamLimits limits, string place, string file)
    {
        for (int i = 0; i < routes.Count; i++)
        {
            ProxyFile route = routes[i];
            bool isPath = route.Path.StartsWith('/') && !route.Path[..^1].Contains('*') && !route.Path.AsSpan().ContainsAny('{', '}');
            if (!isPath) throw new ConfigurationException($"{place}[{i}].path in {file}: {route.Path}: write a path, with a * at its end for all below it, like /api/*.");
            IReadOnlyList<Uri> upstreams;
            try
            {
                upstreams = SettingParsers.Urls(string.Join(',', route.To));
            }
            catch (FormatException e)
            {
                throw new ConfigurationException($"{place}[{i}].to in {file}: {e.Message}.");
            }
            if (upstreams.Count == 0) throw new ConfigurationException($"{place}[{i}].to in {file}: name at least one upstream, like http://127.0.0.1:3000.");
            if (route.Connections is < 1) throw new ConfigurationException($"{place}[{i}].connections in {file}: write a whole number from 1.");
            yield return new ProxyRoute(route.Path, hosts, upstreams, limits with { Requests = route.Connections ?? limits.Requests, HealthPath = route.Health ?? limits.HealthPath });
        }
    }
}
