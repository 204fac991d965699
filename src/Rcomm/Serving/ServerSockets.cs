using Rcomm.Configuration;
using Rcomm.Control;
using Rcomm.Listening;

namespace Rcomm.Serving;

/// <summary>Every listening socket of a server: opened, or taken over from the one that runs already. All or none.</summary>
internal sealed record ServerSockets(IReadOnlyList<ListenSocket> Site, IReadOnlyList<ListenSocket> Admin, ListenSocket? Control) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="ListenException">One of them could not be opened; those before it are closed again.</exception>
    public static ServerSockets Open(ServeSettings settings, Takeover? takeover, Action<string> warn)
    {
        List<ListenSocket> opened = [];
        try
        {
            List<ListenSocket> site = OpenAll(HandedSocket.Site, settings.Addresses, settings.Socket);
            List<ListenSocket> admin = OpenAll(HandedSocket.Admin, settings.Admin, new ListenSocketOptions());
            ListenSocket? control = settings.Control is null
                ? null
                : OpenAll(HandedSocket.Control, [settings.Control], new ListenSocketOptions { UnixMode = OwnerOnly })[0];
            return new(site, admin, control);
        }
        catch
        {
            foreach (ListenSocket socket in opened) socket.Dispose();
            throw;
        }

        List<ListenSocket> OpenAll(string role, IReadOnlyList<ListenAddress> addresses, ListenSocketOptions options)
        {
            List<ListenSocket> sockets = [];
            foreach (ListenAddress address in addresses)
            {
                List<ListenSocket> taken = [.. address.Expand().SelectMany(one => takeover?.Take(role, one, options) ?? [])];
                opened.AddRange(taken);
                sockets.AddRange(taken);
                if (taken.Count == 0) sockets.AddRange(OpenNew(address, options));
            }
            foreach (ListenSocket socket in sockets)
                foreach (string warning in socket.Warnings) warn($"{socket.Address}: {warning}");
            return sockets;
        }

        IEnumerable<ListenSocket> OpenNew(ListenAddress address, ListenSocketOptions options)
        {
            ListenAddress? bound = null;
            foreach (ListenAddress one in address.Expand())
            {
                // Port 0 on localhost is one free port for both loopbacks, not two.
                ListenAddress wanted = bound is null ? one : ListenAddress.Of(new(one.Ip!, bound.Port));
                if (TryOpen(wanted, options, address.IsLocalhost) is not { } socket) continue;
                bound = socket.Address;
                opened.Add(socket);
                yield return socket;
            }
        }

        // A machine without IPv6 still has half of localhost.
        ListenSocket? TryOpen(ListenAddress address, ListenSocketOptions options, bool mayFail)
        {
            try
            {
                return ListenSocket.Open(address, options);
            }
            catch (ListenException e) when (mayFail && e.Failure == ListenFailure.AddressNotAvailable)
            {
                warn($"{e.Message} localhost is served without it.");
                return null;
            }
        }
    }

    public void Dispose()
    {
        foreach (ListenSocket socket in Site.Concat(Admin)) socket.Dispose();
        Control?.Dispose();
    }
}
