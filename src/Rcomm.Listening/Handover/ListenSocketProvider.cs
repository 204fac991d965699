using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Handover;

/// <summary>Of sockets that listen already, whose backlog stays as it is.</summary>
public enum KeptBacklog
{
    /// <summary>Nobody's: each gets that of the options.</summary>
    None,

    /// <summary>That of sockets that the service manager has opened.</summary>
    OfService,

    /// <summary>That of every socket that is handed over or inherited.</summary>
    All,
}

/// <summary>A socket of a <see cref="ListenSocketProvider"/>.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="Socket">The socket.</param>
/// <param name="Handed">What the process that ran says of it; null where it was not handed over.</param>
/// <param name="Descriptor">The number under which it was inherited; null where it was not.</param>
public sealed record ProvidedSocket(string Role, ListenSocket Socket, HandedSocket? Handed, int? Descriptor)
{
    internal bool KeepsBacklog { get; init; }
}

/// <summary>
/// Where a process gets its listening sockets: handed over by the process that runs, else inherited from the service manager, else opened.
/// It remembers them, to hand them over in turn; closing them is up to whoever listens on them.
/// </summary>
public sealed class ListenSocketProvider : IDisposable
{
    private readonly HandoverClient? _running;
    private readonly List<(int Descriptor, OpenedSocket Opened, string Role)> _inherited = [];
    private readonly List<ProvidedSocket> _sockets = [];

    /// <summary>A provider of sockets.</summary>
    /// <param name="running">The process that runs; null where there is none to take over from.</param>
    /// <param name="inherited">What the service manager handed to this process.</param>
    /// <param name="roleOf">What an inherited socket is for.</param>
    /// <exception cref="ArgumentException">An inherited descriptor isn't a listening stream socket.</exception>
    public ListenSocketProvider(HandoverClient? running, IReadOnlyList<InheritedSocket> inherited, Func<InheritedSocket, string> roleOf)
    {
        _running = running;
        foreach (InheritedSocket one in inherited)
        {
            try
            {
                _inherited.Add((one.Descriptor, SocketOpening.Adopt(one.Handle), roleOf(one)));
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException($"fd {one.Descriptor}, which the service manager handed over, isn't a listening stream socket. " +
                    "Use ListenStream= in the socket unit, with Accept=no.", nameof(inherited), e);
            }
        }
    }

    /// <summary>Every socket that it has provided.</summary>
    public IReadOnlyList<ProvidedSocket> Sockets
    {
        get
        {
            lock (_sockets) return [.. _sockets];
        }
    }

    /// <summary>What was inherited and nobody has asked for: clients would wait there for ever.</summary>
    public IReadOnlyList<(int Descriptor, ListenAddress Address)> Unclaimed => [.. _inherited.Select(one => (one.Descriptor, one.Opened.Address))];

    /// <summary>Told of what an operator should know of a socket, as a sentence.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>The sockets of a role that the service manager has opened, for this process or for the one that runs. They stay its own as well.</summary>
    public IReadOnlyList<ListenSocket> OpenOfService(string role, ListenSocketOptions options, KeptBacklog kept)
    {
        IEnumerable<ListenAddress> handed = _running?.Offered.Where(socket => socket.Role == role && socket.IsSystems)
            .Select(socket => ListenAddress.Parse(socket.Address)) ?? [];
        IEnumerable<ListenAddress> inherited = _inherited.Where(socket => socket.Role == role).Select(socket => socket.Opened.Address);
        return [.. handed.Concat(inherited).Distinct().ToList().SelectMany(address => OpenAt(role, address, options, shards: 1, kept, mayFail: false))];
    }

    /// <summary>The sockets of an address, one or its shards.</summary>
    /// <param name="role">What they are for.</param>
    /// <param name="address">Where; <c>localhost</c> is both loopbacks, or one on a machine without the other.</param>
    /// <param name="options">Their options. A socket that is handed over gets them from <see cref="MakeOwn"/> on.</param>
    /// <param name="shards">How many; more than that are kept where more are handed over.</param>
    /// <param name="kept">Whose backlog stays as it is.</param>
    /// <returns>
    /// None where an inherited socket covers the address and is provided already, e.g. systemd's <c>*:80</c> for both halves of
    /// <c>localhost:80</c>.
    /// </returns>
    /// <exception cref="ListenException">The system refused.</exception>
    public IReadOnlyList<ListenSocket> Open(string role, ListenAddress address, ListenSocketOptions options, int shards = 1,
        KeptBacklog kept = KeptBacklog.OfService)
    {
        List<ListenSocket> sockets = [];
        foreach (ListenAddress one in address.Expand())
        {
            // Port 0 on localhost is one free port for both loopbacks, not two.
            ListenAddress wanted = sockets.Count == 0 ? one : ListenAddress.Of(new(one.Ip!, sockets[0].Address.Port));
            sockets.AddRange(OpenAt(role, wanted, options, shards, kept, mayFail: address.IsLocalhost));
        }
        return sockets;
    }

    /// <summary>The process that ran has released its sockets, or is gone: from here on they have the options and the backlog of this process.</summary>
    public void MakeOwn()
    {
        foreach (ProvidedSocket provided in Sockets)
        {
            if (provided.Handed is not { } handed) continue;
            provided.Socket.MakeOwn(handed.OwnsFile, provided.KeepsBacklog);
            if (handed.IsSystems) provided.Socket.MarkHeldElsewhere();
            WarnOf(provided.Socket);
        }
    }

    /// <summary>Closes every socket that it has provided; for a start that fails.</summary>
    public void Dispose()
    {
        foreach (ProvidedSocket provided in Sockets) provided.Socket.Dispose();
    }

    private IReadOnlyList<ListenSocket> OpenAt(string role, ListenAddress address, ListenSocketOptions options, int shards, KeptBacklog kept, bool mayFail)
    {
        List<ProvidedSocket> sockets = TakeOver(role, address, options, shards, kept);
        sockets.AddRange(Inherit(role, address, options, kept, sockets));
        if (sockets.Count == 0 && Sockets.Any(provided => IsOfService(provided) && provided.Socket.Address.Covers(address))) return [];
        if (sockets.Count == 0) sockets.AddRange(OpenNew(address, options, shards, mayFail).Select(socket => new ProvidedSocket(role, socket, null, null)));

        lock (_sockets) _sockets.AddRange(sockets);
        foreach (ProvidedSocket provided in sockets) WarnOf(provided.Socket);
        return [.. sockets.Select(provided => provided.Socket)];
    }

    private List<ProvidedSocket> TakeOver(string role, ListenAddress address, ListenSocketOptions options, int shards, KeptBacklog kept)
    {
        IReadOnlyList<(SafeSocketHandle Handle, HandedSocket What)> taken = _running?.Take(role, address) ?? [];
        if (taken.Count == 0) return [];
        // A shard that was closed now would reset whoever waits in it.
        if (taken.Count > shards)
            Warn?.Invoke($"{address}: {taken.Count} shards were taken over and all of them are kept, although {shards} would do; " +
                "fewer need a stop and a start.");
        // The first are those that were handed over, in their order; shards that are opened beside them are ours alone.
        return [.. ListenSocket.OpenShards(address, shards, options, [.. taken.Select(socket => socket.Handle)]).Select((socket, i) =>
        {
            HandedSocket? handed = i < taken.Count ? taken[i].What : null;
            return new ProvidedSocket(role, socket, handed, null) { KeepsBacklog = kept == KeptBacklog.All
                || (kept == KeptBacklog.OfService && handed?.IsSystems == true) };
        })];
    }

    private List<ProvidedSocket> Inherit(string role, ListenAddress address, ListenSocketOptions options, KeptBacklog kept, List<ProvidedSocket> handed)
    {
        List<(int Descriptor, OpenedSocket Opened, string Role)> found = _inherited.FindAll(socket => socket.Role == role && socket.Opened.Address == address);
        if (found.Count == 0) found = _inherited.FindAll(socket => socket.Role == role && socket.Opened.Address.Covers(address));
        _inherited.RemoveAll(found.Contains);
        List<ProvidedSocket> sockets = [];
        foreach ((int descriptor, OpenedSocket opened, _) in found)
        {
            if (handed.Exists(provided => SocketOption.IsSameSocket(provided.Socket.Socket, opened.Socket)))
            {
                // The one that is handed over is this very socket.
                ListenSocket.BorrowOpened(opened, options).Dispose();
                continue;
            }
            ListenSocket socket = ListenSocket.AdoptOpened(opened, options, keepsBacklog: kept != KeptBacklog.None);
            socket.MarkHeldElsewhere();
            sockets.Add(new ProvidedSocket(role, socket, null, descriptor));
        }
        return sockets;
    }

    private static bool IsOfService(ProvidedSocket provided) => provided.Descriptor is not null || provided.Handed is { IsSystems: true };

    // A machine without IPv6 still has half of localhost.
    private IReadOnlyList<ListenSocket> OpenNew(ListenAddress address, ListenSocketOptions options, int shards, bool mayFail)
    {
        try
        {
            return ListenSocket.OpenShards(address, shards, options);
        }
        catch (ListenException e) when (mayFail && e.Failure == ListenFailure.AddressNotAvailable)
        {
            Warn?.Invoke($"{e.Message} localhost is served without it.");
            return [];
        }
    }

    private void WarnOf(ListenSocket socket)
    {
        foreach (string warning in socket.Warnings) Warn?.Invoke($"{socket.Name}: {warning}");
    }
}
