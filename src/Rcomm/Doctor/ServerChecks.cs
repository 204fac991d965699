using System.Globalization;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.HostQueues;
using Rcomm.Settings;
using Rcomm.Settings.Groups;

namespace Rcomm.Doctor;

/// <summary>Whether the server could start as it is configured, and whether queues have overflowed here before.</summary>
internal static class ServerChecks
{
    public static IEnumerable<Finding> Look(SettingSources sources)
    {
        HostQueueList host = HostQueueList.Read();
        IEnumerable<ListenAddress> addresses = [.. ServeSettings.ReadAddresses(sources), .. sources.Read(ListeningGroup.Admin), .. sources.Read(HttpsGroup.Redirect)];
        return
        [
            .. addresses.SelectMany(address => address.Expand()).Where(address => address.IsUnix || address.Port != 0).Select(address => Address(address, host)),
            DocumentRoot(sources),
            .. PastDrops(host),
        ];
    }

    private static Finding Address(ListenAddress address, HostQueueList host)
    {
        const string why = "Two servers cannot listen on one address.";
        if (host is { Queues: [], NotRead: [var reason, ..] }) return new(address.ToString(), Severity.Unknown, $"could not be read ({reason.TrimEnd('.')})", "free, or held by this server", why);

        IReadOnlyList<SocketOwner> owners = HostQueueList.OwnersOf(address, out bool taken);
        if (!taken) return new(address.ToString(), Severity.Ok, "free", "free, or held by this server", why);

        string who = owners.Count == 0 ? "a process that this user may not see" : string.Join(", ", owners);
        bool ours = owners.Any(owner => owner.Name == "rcomm");
        return new(address.ToString(), ours ? Severity.Ok : Severity.Problem, $"held by {who}", "free, or held by this server", why,
            ours ? null : owners.Count == 0 ? $"ss -ltnp 'sport = :{address.Port}' as root shows it" : $"stop it (kill {owners[0].Id}), or choose another port: RCOMM_PORT");
    }

    private static Finding DocumentRoot(SettingSources sources)
    {
        const string why = "Without it every answer is a 404 or a 403.";
        SettingValue written = sources.Find(SiteGroup.DocumentRoot);
        string root = Path.GetFullPath(written.Text);
        string name = $"document root {written.Text}";
        if (!Directory.Exists(root)) return new(name, Severity.Problem, "not there", "a folder", why, $"mkdir -p {root}, or name another: rcomm serve ROOT");
        try
        {
            bool hasPages = Directory.EnumerateFileSystemEntries(root).Any();
            return new(name, hasPages ? Severity.Ok : Severity.Warning, hasPages ? "readable" : "empty", "a folder with pages", why,
                hasPages ? null : $"put a page.html or an index.html into {root}");
        }
        catch (UnauthorizedAccessException)
        {
            return new(name, Severity.Problem, "this user may not read it", "readable", why, $"chmod -R a+rX {root}");
        }
    }

    private static IEnumerable<Finding> PastDrops(HostQueueList host)
    {
        const string name = "listen queues so far";
        const string why = "What has overflowed once will overflow again at the next burst of that size.";
        if (host.Counters?.ListenDrops is not { } drops)
        {
            yield return new(name, Severity.Unknown, "could not be read", null, why);
            yield break;
        }
        string now = string.Create(CultureInfo.InvariantCulture, $"{drops:N0} handshakes dropped in this network namespace since it began");
        yield return drops == 0
            ? new(name, Severity.Ok, now, "0", why)
            : new(name, Severity.Warning, now, "0", why, "rcomm queues   shows which sockets dropped; rcomm queues --watch   whether it goes on");
    }
}
