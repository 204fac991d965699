using System.Globalization;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.HostQueues;
using Rcomm.Settings;
using Rcomm.Settings.Groups;

namespace Rcomm.Doctor;

/// <summary>Checks whether the server could start with this configuration, and whether queues have overflowed on this machine.</summary>
internal static class ServerChecks
{
    public static IEnumerable<Finding> Run(SettingSources sources)
    {
        HostQueueList host = HostQueueList.Read();
        IEnumerable<ListenAddress> addresses =
            [.. ServeSettings.ReadAddresses(sources), .. sources.Read(ListeningGroup.Admin), .. sources.Read(HttpsGroup.Redirect)];
        return
        [
            .. addresses.SelectMany(address => address.Expand()).Where(address => address.IsUnix || address.Port != 0)
                .Select(address => Address(address, host)),
            .. PastDrops(host),
        ];
    }

    private static Finding Address(ListenAddress address, HostQueueList host)
    {
        const string why = "Two servers can't listen on the same address.";
        const string needs = "free, or in use by this server";
        if (host is { Queues: [], NotRead: [var reason, ..] })
            return new(address.ToString(), Severity.Unknown, $"could not be read ({reason.TrimEnd('.')})", needs, why);

        IReadOnlyList<SocketOwner> owners = HostQueueList.OwnersOf(address, out bool taken);
        if (!taken) return new(address.ToString(), Severity.Ok, "free", needs, why);

        string who = owners.Count == 0 ? "a process that this user may not see" : string.Join(", ", owners);
        bool ours = owners.Any(owner => owner.Name == "rcomm");
        return new(address.ToString(), ours ? Severity.Ok : Severity.Problem, $"in use by {who}", needs, why,
            ours ? null
            : owners.Count == 0 ? $"ss -ltnp 'sport = :{address.Port}' as root shows it"
            : $"stop it (kill {owners[0].Id}), or choose another port: {ListeningGroup.Port.Variable}");
    }

    private static IEnumerable<Finding> PastDrops(HostQueueList host)
    {
        const string name = "listen queues so far";
        const string why = "A queue that has overflowed once will overflow again in a burst of the same size.";
        if (host.Counters?.ListenDrops is not { } drops)
        {
            yield return new(name, Severity.Unknown, "could not be read", null, why);
            yield break;
        }
        string now = string.Create(CultureInfo.InvariantCulture, $"{drops:N0} handshakes dropped since the start of this network namespace");
        yield return drops == 0
            ? new(name, Severity.Ok, now, "none", why)
            : new(name, Severity.Warning, now, "none", why, "rcomm queues --watch   # which sockets drop, and whether drops continue");
    }
}
