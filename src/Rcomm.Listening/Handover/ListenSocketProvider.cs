using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Handover;

/// <summary>Specifies which sockets that already listen keep their backlog.</summary>
public enum KeptBacklog
{
    /// <summary>None: each gets the backlog of the options.</summary>
    None,

    /// <summary>Those opened by the service manager.</summary>
    OfService,

    /// <summary>Every socket that is handed over or inherited.</summary>
    All,
}

/// <summary>The purpose of listening sockets, and how they are opened.</summary>
/// <param name="Name">The role's name, the same in every process that hands sockets over.</param>
/// <param name="Options">The socket options. They apply to a handed-over socket from <see cref="ListenSocketProvider.MakeOwn"/> on.</param>
public sealed record SocketRole(string Name, ListenSocketOptions Options)
{
    /// <summary>Gets the number of shards for each address; if more are handed over, all are kept. Default 1.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Gets which sockets keep their backlog. Default <see cref="KeptBacklog.OfService"/>.</summary>
    public KeptBacklog Kept { get; init; } = KeptBacklog.OfService;
}

/// <summary>A socket from a <see cref="ListenSocketProvider"/>.</summary>
/// <param name="Role">The purpose of the socket.</param>
/// <param name="Socket">The socket.</param>
/// <param name="Handed">Its description by the old process; null if it was not handed over.</param>
/// <param name="Descriptor">The number under which it was inherited; null if it was not.</param>
public sealed record ProvidedSocket(string Role, ListenSocket Socket, HandedSocket? Handed, int? Descriptor)
{
    internal bool KeepsBacklog { get; init; }
}

/// <summary>
/// Provides the listening sockets of a process: handed over by the running process, else inherited from the service manager, else opened. It
/// remembers them for the next handover. Whoever listens on them closes them.
/// </summary>
public sealed class ListenSocketProvider : IDisposable
{
    private readonly HandoverClient? _running;
    private readonly List<(int Descriptor, OpenedSocket Opened, string Role)> _inherited = [];
    private readonly List<ProvidedSocket> _sockets = [];

    /// <summary>Initializes a provider.</summary>
    /// <param name="running">The process to take over from; null for none.</param>
    /// <param name="inherited">The sockets that the service manager passed to this process.</param>
    /// <param name="roleOf">Returns the role of an inherited socket.</param>
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

    /// <summary>Gets every socket that was provided.</summary>
    public IReadOnlyList<ProvidedSocket> Sockets
    {
        get
        {
            lock (_sockets) return [.. _sockets];
        }
    }

    /// <summary>Gets inherited sockets that nothing has asked for: their clients would wait forever.</summary>
    public IReadOnlyList<(int Descriptor, ListenAddress Address)> Unclaimed => [.. _inherited.Select(one => (one.Descriptor, one.Opened.Address))];

    /// <summary>Gets a callback for warnings to the operator, each a sentence.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>
    /// Opens the sockets of a role that the service manager passed to this process or to the running one. The service manager holds them too.
    /// </summary>
    public IReadOnlyList<ListenSocket> OpenOfService(SocketRole role)
    {
        IEnumerable<ListenAddress> handed = _running?.Offered.Where(socket => socket.Role == role.Name && socket.IsSystems)
            .Select(socket => ListenAddress.Parse(socket.Address)) ?? [];
        IEnumerable<ListenAddress> inherited = _inherited.Where(socket => socket.Role == role.Name).Select(socket => socket.Opened.Address);
        SocketRole one = role with { Shards = 1 };
        return [.. handed.Concat(inherited).Distinct().ToList().SelectMany(address => OpenAt(one, address, mayFail: false))];
    }

    /// <summary>Opens the sockets of an address: one, or one for each shard.</summary>
    /// <param name="role">The purpose of the sockets.</param>
    /// <param name="address">The address; <c>localhost</c> opens both loopback addresses, or one if the machine lacks the other.</param>
    /// <returns>
    /// The sockets; none if an inherited socket that was already provided covers the address, e.g. systemd's <c>*:80</c> for both halves of
    /// <c>localhost:80</c>.
    /// </returns>
    /// <exception cref="ListenException">The system refused.</exception>
    public IReadOnlyList<ListenSocket> Open(SocketRole role, ListenAddress address)
    {
        List<ListenSocket> sockets = [];
        foreach (ListenAddress one in address.Expand())
        {
            // Port 0 on localhost means one free port for both loopback addresses, not two.
            ListenAddress wanted = sockets.Count == 0 ? one : ListenAddress.Of(new(one.Ip!, sockets[0].Address.Port));
            sockets.AddRange(OpenAt(role, wanted, mayFail: address.IsLocalhost));
        }
        return sockets;
    }

    /// <summary>
    /// Takes ownership of the handed-over sockets once the old process has released them or is gone. They then get the options and the backlog of
    /// this process.
    /// </summary>
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

    /// <summary>Closes every provided socket, after a failed start.</summary>
    public void Dispose()
    {
        foreach (ProvidedSocket provided in Sockets) provided.Socket.Dispose();
    }

    private IReadOnlyList<ListenSocket> OpenAt(SocketRole role, ListenAddress address, bool mayFail)
    {
        List<ProvidedSocket> sockets = TakeOver(role, address);
        sockets.AddRange(Inherit(role, address, sockets));
        if (sockets.Count == 0 && Sockets.Any(provided => IsOfService(provided) && provided.Socket.Address.Covers(address))) return [];
        if (sockets.Count == 0) sockets.AddRange(OpenNew(role, address, mayFail).Select(socket => new ProvidedSocket(role.Name, socket, null, null)));

        lock (_sockets) _sockets.AddRange(sockets);
        foreach (ProvidedSocket provided in sockets) WarnOf(provided.Socket);
        return [.. sockets.Select(provided => provided.Socket)];
    }

    private List<ProvidedSocket> TakeOver(SocketRole role, ListenAddress address)
    {
        IReadOnlyList<(SafeSocketHandle Handle, HandedSocket What)> taken = _running?.Take(role.Name, address) ?? [];
        if (taken.Count == 0) return [];
        // Closing a surplus shard now would reset the connections that wait in it.
        if (taken.Count > role.Shards)
            Warn?.Invoke($"{address}: {taken.Count} shards were taken over and all of them are kept, although {role.Shards} are enough; to use " +
                "fewer, stop and start the server.");
        // Handed-over sockets come first, in their order; additional shards belong to this process only.
        return [.. ListenSocket.OpenShards(address, role.Shards, role.Options, [.. taken.Select(socket => socket.Handle)]).Select((socket, i) =>
        {
            HandedSocket? handed = i < taken.Count ? taken[i].What : null;
            return new ProvidedSocket(role.Name, socket, handed, null)
            {
                KeepsBacklog = role.Kept == KeptBacklog.All || (role.Kept == KeptBacklog.OfService && handed?.IsSystems == true),
            };
        })];
    }

    private List<ProvidedSocket> Inherit(SocketRole role, ListenAddress address, List<ProvidedSocket> handed)
    {
        List<(int Descriptor, OpenedSocket Opened, string Role)> found =
            _inherited.FindAll(socket => socket.Role == role.Name && socket.Opened.Address == address);
        if (found.Count == 0) found = _inherited.FindAll(socket => socket.Role == role.Name && socket.Opened.Address.Covers(address));
        _inherited.RemoveAll(found.Contains);
        List<ProvidedSocket> sockets = [];
        foreach ((int descriptor, OpenedSocket opened, _) in found)
        {
            if (handed.Exists(provided => SocketOption.IsSameSocket(provided.Socket.Socket, opened.Socket)))
            {
                // The handed-over socket is the same one.
                ListenSocket.BorrowOpened(opened, role.Options).Dispose();
                continue;
            }
            ListenSocket socket = ListenSocket.AdoptOpened(opened, role.Options, keepsBacklog: role.Kept != KeptBacklog.None);
            socket.MarkHeldElsewhere();
            sockets.Add(new ProvidedSocket(role.Name, socket, null, descriptor));
        }
        return sockets;
    }

    private static bool IsOfService(ProvidedSocket provided) => provided.Descriptor is not null || provided.Handed is { IsSystems: true };

    // A machine without IPv6 can still serve the IPv4 half of localhost.
    private IReadOnlyList<ListenSocket> OpenNew(SocketRole role, ListenAddress address, bool mayFail)
    {
        try
        {
            return ListenSocket.OpenShards(address, role.Shards, role.Options);
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
