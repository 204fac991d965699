using System.Net;
using System.Net.Sockets;
using Rcomm.Doctor;
using Rcomm.Listening.Addresses;
using Rcomm.Settings;
using Rcomm.Settings.Groups;
using Rcomm.Site;

namespace Rcomm.Server;

/// <summary>Checks what a server would start with, and what would fail later: certificates, folders, upstream names.</summary>
internal static class ConfigurationChecks
{
    private static readonly TimeSpan ResolveTimeout = TimeSpan.FromSeconds(3);

    public static IEnumerable<Finding> Run(ServeSettings settings, SettingSources sources) =>
    [
        .. settings.Tls is null ? [] : CertificateChecks.Run(settings.Tls, [.. settings.Hosts.SelectMany(host => host.Names)], DateTimeOffset.UtcNow),
        .. Roots(settings, sources),
        .. settings.Log.AccessLog.File is { } log ? [FolderChecks.AccessLog(log)] : (Finding[])[],
        .. settings.Addresses.Concat(settings.Admin).Append(settings.Control).OfType<ListenAddress>()
            .Where(address => address is { IsUnix: true, IsAbstract: false }).Select(FolderChecks.UnixSocket),
        .. settings.Proxy.SelectMany(route => route.Upstreams).Select(upstream => upstream.Host).Distinct().SelectMany(Upstream),
    ];

    // If every request is forwarded, there need not be any pages.
    private static IEnumerable<Finding> Roots(ServeSettings settings, SettingSources sources)
    {
        SettingValue own = sources.Find(SiteGroup.DocumentRoot);
        if (own.Where is not null || !sources.IsWritten(ProxyGroup.Upstream)) yield return FolderChecks.DocumentRoot(own.Text, settings.Site.DocumentRoot);
        foreach (HostSite host in settings.Hosts) yield return FolderChecks.DocumentRoot(host.Options.DocumentRoot, host.Options.DocumentRoot);
    }

    private static IEnumerable<Finding> Upstream(string host)
    {
        // A Unix socket has no host name.
        if (host == "" || IPAddress.TryParse(host, out _)) yield break;

        string name = $"upstream {host}";
        const string why = "Requests for an upstream that can't be found get 502.";
        string? problem = null;
        try
        {
            using var timeout = new CancellationTokenSource(ResolveTimeout);
            if (Dns.GetHostAddressesAsync(host, timeout.Token).GetAwaiter().GetResult().Length == 0) problem = "the name has no address";
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ArgumentException)
        {
            problem = e is SocketException ? e.Message.TrimEnd('.') : "no answer in 3 s";
        }
        yield return problem is null
            ? new(name, Severity.Ok, "resolves", "a name that resolves", why)
            : new(name, Severity.Warning, $"it doesn't resolve ({problem})", "a name that resolves", why,
                $"getent hosts {host}   # check name resolution");
    }
}
