using System.Globalization;
using System.Net.Sockets;
using Rcomm.Control;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;
using Rcomm.Settings;

namespace Rcomm.Server;

/// <summary>Opens a server's listening sockets one address after the other, and closes what it opened where a later one fails.</summary>
internal sealed class ListenSocketOpener(Takeover? takeover, IReadOnlyList<InheritedSocket> inherited, Action<string> warn)
{
    private const string Http = "http";
    private const string Https = "https";

    private readonly List<ListenSocket> _opened = [];
    private readonly List<(int Descriptor, string Line)> _inherited = [];
    private readonly List<TakenSocket> _taken = [];

    /// <summary>What was inherited, a line each for the log.</summary>
    public IReadOnlyList<string> Inherited => [.. _inherited.OrderBy(one => one.Descriptor).Select(one => one.Line)];

    /// <summary>True where the site is served at a socket that systemd calls http.</summary>
    public bool ServesHttpSocket => inherited.Any(socket => socket.Name == Http && RoleOf(socket) == HandedSocket.Site);

    /// <summary>What was taken over, the running server's as well until it lets go.</summary>
    public IReadOnlyList<TakenSocket> Taken => _taken;

    /// <summary>
    /// The sockets that the service manager has opened for a role: for this process, or for the running server, from which they are then taken over. They stay
    /// its own as well.
    /// </summary>
    public List<ListenSocket> Adopt(string role, ListenSocketOptions options, bool keepsBacklog)
    {
        List<ListenSocket> sockets = [];
        foreach (ListenAddress address in takeover?.AddressesOfService(role) ?? [])
        {
            IReadOnlyList<ListenSocket> taken = TakeOver(role, address, options, shards: 1, keepsBacklog) ?? [];
            _opened.AddRange(taken);
            sockets.AddRange(taken);
        }
        foreach (InheritedSocket one in inherited.Where(socket => RoleOf(socket) == role))
        {
            ListenSocket socket;
            try
            {
                socket = ListenSocket.Adopt(one.Handle, options, keepsBacklog);
            }
            catch (ArgumentException)
            {
                throw new ConfigurationException($"fd {one.Descriptor}, which the service manager handed over, is no listening stream socket. Use ListenStream= in the socket unit, with Accept=no.");
            }
            socket.MarkHeldElsewhere();
            _opened.Add(socket);
            sockets.Add(socket);
            QueueReading? queue = socket.ReadQueue();
            _inherited.Add((one.Descriptor, $"inherited fd {one.Descriptor}, {socket.Address}, {queue?.Depth.ToString(CultureInfo.InvariantCulture) ?? "unknown"} waiting, {queue?.Drops?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} dropped"));
        }
        return sockets;
    }

    /// <summary>The sockets of these addresses: taken over where there are any, opened where not.</summary>
    /// <exception cref="ListenException">One of them could not be opened.</exception>
    public IReadOnlyList<ListenSocket> Open(string role, IReadOnlyList<ListenAddress> addresses, ListenSocketOptions options, int shards = 1)
    {
        List<ListenSocket> sockets = [.. addresses.SelectMany(address => Open(role, address, options, shards))];
        foreach (ListenSocket socket in sockets)
            foreach (string warning in socket.Warnings) warn($"{socket.Name}: {warning}");
        return sockets;
    }

    public void Close()
    {
        foreach (ListenSocket socket in _opened) socket.Dispose();
    }

    private IEnumerable<ListenSocket> Open(string role, ListenAddress address, ListenSocketOptions options, int shards)
    {
        ListenAddress? bound = null;
        foreach (ListenAddress one in address.Expand())
        {
            // Port 0 on localhost is one free port for both loopbacks, not two.
            ListenAddress wanted = bound is null ? one : ListenAddress.Of(new(one.Ip!, bound.Port));
            IReadOnlyList<ListenSocket> sockets = TakeOver(role, wanted, options, shards) ?? TryOpen(wanted, options, shards, mayFail: address.IsLocalhost);
            if (sockets.Count == 0) continue;
            bound = sockets[0].Address;
            _opened.AddRange(sockets);
            foreach (ListenSocket socket in sockets) yield return socket;
        }
    }

    // systemd's names (FileDescriptorName=): beside a socket for HTTPS, the one for HTTP only leads there.
    private string RoleOf(InheritedSocket socket) => socket.Name switch
    {
        HandedSocket.Redirect or HandedSocket.Admin or HandedSocket.Control => socket.Name,
        Http when inherited.Any(other => other.Name == Https) => HandedSocket.Redirect,
        _ => HandedSocket.Site,
    };

    private IReadOnlyList<ListenSocket>? TakeOver(string role, ListenAddress address, ListenSocketOptions options, int shards, bool keepsBacklog = false)
    {
        IReadOnlyList<(SafeSocketHandle Handle, HandedSocket What)> taken = takeover?.Take(role, address) ?? [];
        if (taken.Count == 0) return null;
        // A shard that was closed now would reset whoever waits in it.
        if (taken.Count > shards) warn($"{address}: {taken.Count} shards were taken over and all of them are kept, although {shards} would do; fewer need a stop and a start.");
        IReadOnlyList<ListenSocket> sockets = ListenSocket.OpenShards(address, shards, options, [.. taken.Select(socket => socket.Handle)]);
        // The first are those that were taken, in their order; shards that were opened beside them are ours alone.
        _taken.AddRange(sockets.Zip(taken, (socket, handed) => new TakenSocket(socket, handed.What, keepsBacklog)));
        return sockets;
    }

    // A machine without IPv6 still has half of localhost.
    private IReadOnlyList<ListenSocket> TryOpen(ListenAddress address, ListenSocketOptions options, int shards, bool mayFail)
    {
        try
        {
            return ListenSocket.OpenShards(address, shards, options);
        }
        catch (ListenException e) when (mayFail && e.Failure == ListenFailure.AddressNotAvailable)
        {
            warn($"{e.Message} localhost is served without it.");
            return [];
        }
    }
}
