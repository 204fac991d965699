using Rcomm.Control;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Settings;


namespace Rcomm.Server;

/// <summary>Every listening socket of a server.</summary>
/// <param name="Redirect">Where plain HTTP is sent to HTTPS.</param>
/// <param name="Taken">Those of them that the running server is handing over.</param>
internal sealed record ServerSockets(
    IReadOnlyList<ListenSocket> Site, IReadOnlyList<ListenSocket> Redirect, IReadOnlyList<ListenSocket> Admin, ListenSocket? Control,
    IReadOnlyList<string> Inherited, IReadOnlyList<TakenSocket> Taken) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens them, takes them over from the server that runs already, or adopts those that the service manager has opened. All or none.</summary>
    /// <exception cref="ListenException">One of them could not be opened; those before it are closed again.</exception>
    /// <exception cref="ConfigurationException">What the service manager handed over is no listening socket.</exception>
    public static ServerSockets Open(ServeSettings settings, Takeover? takeover, IReadOnlyList<InheritedSocket> inherited, Action<string> warn)
    {
        var opening = new ListenSocketOpener(takeover, inherited, warn);
        if (settings.Tls is not null && opening.ServesHttpSocket)
            warn("HTTPS is served at the service manager's socket named http, since there is none named https: enable rcomm-https.socket, and that one becomes the redirect's.");
        try
        {
            List<ListenSocket> redirect = opening.Adopt(HandedSocket.Redirect, settings.Socket, keepsBacklog: !settings.BacklogIsChosen);
            redirect.AddRange(opening.Open(HandedSocket.Redirect, [.. (settings.Tls?.Redirect ?? []).Except(redirect.Select(socket => socket.Address))], settings.Socket));
            List<ListenSocket> admin = opening.Adopt(HandedSocket.Admin, new ListenSocketOptions(), keepsBacklog: true);
            admin.AddRange(opening.Open(HandedSocket.Admin, [.. settings.Admin.Except(admin.Select(socket => socket.Address))], new ListenSocketOptions()));
            List<ListenSocket> control = opening.Adopt(HandedSocket.Control, new ListenSocketOptions(), keepsBacklog: true);
            if (control.Count == 0 && settings.Control is not null)
                control.AddRange(opening.Open(HandedSocket.Control, [settings.Control], new ListenSocketOptions { UnixMode = OwnerOnly }));
            // The last, so that nothing above can fail once clients may come to a shard that no other process has.
            List<ListenSocket> site = OpenSite(opening, settings);
            return new(site, redirect, admin, control.FirstOrDefault(), opening.Inherited, opening.Taken);
        }
        catch
        {
            opening.Close();
            throw;
        }
    }

    /// <summary>The server that handed sockets over has let go of them.</summary>
    /// <param name="warn">Told of options that the system refused.</param>
    public void MakeTakenOwn(Action<string> warn)
    {
        foreach ((ListenSocket socket, HandedSocket what, bool keepsBacklog) in Taken)
        {
            socket.MakeOwn(what.OwnsFile, keepsBacklog);
            if (what.IsSystems) socket.MarkHeldElsewhere();
            foreach (string warning in socket.Warnings) warn($"{socket.Name}: {warning}");
        }
    }

    // What was inherited is always served; beside it, the addresses that the operator named, but not the default one.
    private static List<ListenSocket> OpenSite(ListenSocketOpener opening, ServeSettings settings)
    {
        (int shards, Backlog each) = settings.Shards.For(settings.Socket.Backlog);
        ListenSocketOptions options = settings.Socket with { Backlog = each };
        List<ListenSocket> sockets = opening.Adopt(HandedSocket.Site, options, keepsBacklog: !settings.BacklogIsChosen);
        IEnumerable<ListenAddress> addresses = settings.AddressesAreChosen || sockets.Count == 0 ? settings.Addresses : [];
        sockets.AddRange(opening.Open(HandedSocket.Site, [.. addresses.Except(sockets.Select(socket => socket.Address))], options, shards));
        return sockets;
    }

    public void Dispose()
    {
        foreach (ListenSocket socket in Site.Concat(Redirect).Concat(Admin)) socket.Dispose();
        Control?.Dispose();
    }
}

/// <summary>A socket that the running server is handing over, what it says of it, and whether its backlog stays as it is.</summary>
internal sealed record TakenSocket(ListenSocket Socket, HandedSocket What, bool KeepsBacklog);
