using Rcomm.Configuration;
using Rcomm.Control;
using Rcomm.Listening;

namespace Rcomm.Serving;

/// <summary>Every listening socket of a server.</summary>
/// <param name="Redirect">Where plain HTTP is sent to HTTPS.</param>
internal sealed record ServerSockets(
    IReadOnlyList<ListenSocket> Site, IReadOnlyList<ListenSocket> Redirect, IReadOnlyList<ListenSocket> Admin, ListenSocket? Control, IReadOnlyList<string> Inherited) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens them, takes them over from the server that runs already, or adopts those that the service manager has opened. All or none.</summary>
    /// <exception cref="ListenException">One of them could not be opened; those before it are closed again.</exception>
    /// <exception cref="ConfigurationException">What the service manager handed over is no listening socket.</exception>
    public static ServerSockets Open(ServeSettings settings, Takeover? takeover, IReadOnlyList<InheritedSocket> inherited, Action<string> warn)
    {
        var opening = new SocketsInTheMaking(takeover, inherited, warn);
        try
        {
            List<ListenSocket> site = OpenSite(opening, settings);
            List<ListenSocket> redirect = opening.Adopt(socket => socket.Name == HandedSocket.Redirect, settings.Socket, keepsBacklog: !settings.BacklogIsChosen);
            redirect.AddRange(opening.Open(HandedSocket.Redirect, [.. (settings.Tls?.Redirect ?? []).Except(redirect.Select(socket => socket.Address))], settings.Socket));
            List<ListenSocket> admin = opening.Adopt(socket => socket.Name == HandedSocket.Admin, new ListenSocketOptions(), keepsBacklog: true);
            admin.AddRange(opening.Open(HandedSocket.Admin, [.. settings.Admin.Except(admin.Select(socket => socket.Address))], new ListenSocketOptions()));
            List<ListenSocket> control = opening.Adopt(socket => socket.Name == HandedSocket.Control, new ListenSocketOptions(), keepsBacklog: true);
            if (control.Count == 0 && settings.Control is not null)
                control.AddRange(opening.Open(HandedSocket.Control, [settings.Control], new ListenSocketOptions { UnixMode = OwnerOnly }));
            return new(site, redirect, admin, control.FirstOrDefault(), opening.Inherited);
        }
        catch
        {
            opening.Close();
            throw;
        }
    }

    // What was inherited is always served; beside it, the addresses that the operator named, but not the default one.
    private static List<ListenSocket> OpenSite(SocketsInTheMaking opening, ServeSettings settings)
    {
        (int shards, Backlog each) = settings.Shards.For(settings.Socket.Backlog);
        ListenSocketOptions options = settings.Socket with { Backlog = each };
        List<ListenSocket> sockets = opening.Adopt(socket => socket.Name is not (HandedSocket.Redirect or HandedSocket.Admin or HandedSocket.Control), options, keepsBacklog: !settings.BacklogIsChosen);
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
