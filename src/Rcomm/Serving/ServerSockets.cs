using Rcomm.Configuration;
using Rcomm.Control;
using Rcomm.Listening;

namespace Rcomm.Serving;

/// <summary>Every listening socket of a server.</summary>
internal sealed record ServerSockets(IReadOnlyList<ListenSocket> Site, IReadOnlyList<ListenSocket> Admin, ListenSocket? Control) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens them, or takes them over from the server that runs already. All or none.</summary>
    /// <exception cref="ListenException">One of them could not be opened; those before it are closed again.</exception>
    public static ServerSockets Open(ServeSettings settings, Takeover? takeover, Action<string> warn)
    {
        var opening = new SocketsInTheMaking(takeover, warn);
        try
        {
            (int shards, Backlog each) = settings.Shards.For(settings.Socket.Backlog);
            IReadOnlyList<ListenSocket> site = opening.Open(HandedSocket.Site, settings.Addresses, settings.Socket with { Backlog = each }, shards);
            IReadOnlyList<ListenSocket> admin = opening.Open(HandedSocket.Admin, settings.Admin, new ListenSocketOptions());
            ListenSocket? control = settings.Control is null
                ? null
                : opening.Open(HandedSocket.Control, [settings.Control], new ListenSocketOptions { UnixMode = OwnerOnly })[0];
            return new(site, admin, control);
        }
        catch
        {
            opening.Close();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (ListenSocket socket in Site.Concat(Admin)) socket.Dispose();
        Control?.Dispose();
    }
}
