using Microsoft.AspNetCore.Http;
using Rcomm.Requests;
using Rcomm.Site.FastPath;

namespace Rcomm.Site;

/// <summary>
/// The sites of one server: by the host that a request names, and the server's own for all others. They can be replaced while it serves.
/// </summary>
internal sealed class HostedSites(SiteOptions own, IReadOnlyList<HostSite> hosts) : IDisposable
{
    private volatile Table _table = new(own, hosts);

    public Task AnswerAsync(HttpContext context) => For(context).AnswerAsync(context);

    /// <summary>Returns the site that answers a request.</summary>
    public StaticSite For(HttpContext context) => _table.For(context);

    /// <summary>The ready answers of these sites for the fast path.</summary>
    public ReadyTable Ready => _table.Ready;

    /// <summary>Replaces the sites for requests that start from now on.</summary>
    // The old ones are not disposed, because requests may still use them. They hold only memory.
    public void Replace(SiteOptions own, IReadOnlyList<HostSite> hosts) => _table = new Table(own, hosts);

    public void Dispose() => _table.Dispose();

    private sealed class Table : IDisposable
    {
        private readonly StaticSite _own;
        private readonly Dictionary<string, StaticSite> _byName = new(StringComparer.Ordinal);
        private readonly List<(string Suffix, StaticSite Site)> _bySuffix = [];
        private readonly List<StaticSite> _all;

        public Table(SiteOptions own, IReadOnlyList<HostSite> hosts)
        {
            Ready = new ReadyTable(own.CacheSize);
            _own = new StaticSite(own, Ready);
            _all = [_own];
            foreach (HostSite host in hosts)
            {
                var site = new StaticSite(host.Options, Ready);
                _all.Add(site);
                foreach (string name in host.Names.Select(name => HostName.Normalize(name) ?? name))
                {
                    if (name.StartsWith("*.", StringComparison.Ordinal)) _bySuffix.Add((name[1..], site));
                    else _byName.TryAdd(name, site);
                }
            }
            // Longest first: *.a.example.com before *.example.com.
            _bySuffix.Sort((one, other) => other.Suffix.Length - one.Suffix.Length);
        }

        public ReadyTable Ready { get; }

        public StaticSite For(HttpContext context)
        {
            if (_all.Count == 1) return _own;

            string name = HostName.Normalize(context.Request.Headers.Host.ToString()) ?? "";
            if (_byName.TryGetValue(name, out StaticSite? site)) return site;
            foreach ((string suffix, StaticSite below) in _bySuffix)
                if (name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal)) return below;
            return _own;
        }

        public void Dispose()
        {
            foreach (StaticSite site in _all) site.Dispose();
        }
    }
}

/// <summary>A site and its host names; a name may start with <c>*.</c></summary>
internal sealed record HostSite(IReadOnlyList<string> Names, SiteOptions Options);
