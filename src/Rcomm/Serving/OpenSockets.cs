using Rcomm.Listening;

namespace Rcomm.Serving;

/// <summary>Opens the listening sockets of a server, all or none.</summary>
internal static class OpenSockets
{
    /// <summary>Opens a socket for each address; <c>localhost</c> gets two, or one on a machine without IPv6.</summary>
    /// <exception cref="ListenException">One of them could not be opened; those before it are closed again.</exception>
    public static List<ListenSocket> Open(IReadOnlyList<ListenAddress> addresses, ListenSocketOptions options, Action<string> warn)
    {
        List<ListenSocket> sockets = [];
        try
        {
            foreach (ListenAddress address in addresses)
            {
                if (address.IsLocalhost) sockets.AddRange(OpenLoopbacks(address, options, warn));
                else sockets.Add(ListenSocket.Open(address, options));
            }
            foreach (ListenSocket socket in sockets)
                foreach (string warning in socket.Warnings) warn($"{socket.Address}: {warning}");
            return sockets;
        }
        catch
        {
            foreach (ListenSocket socket in sockets) socket.Dispose();
            throw;
        }
    }

    private static List<ListenSocket> OpenLoopbacks(ListenAddress localhost, ListenSocketOptions options, Action<string> warn)
    {
        List<ListenSocket> sockets = [];
        foreach (ListenAddress loopback in localhost.Expand())
        {
            try
            {
                // Port 0 is one free port for both, not two.
                ListenAddress address = sockets is [var first] ? ListenAddress.Of(new(loopback.Ip!, first.Address.Port)) : loopback;
                sockets.Add(ListenSocket.Open(address, options));
            }
            catch (ListenException e) when (e.Failure == ListenFailure.AddressNotAvailable)
            {
                warn($"{e.Message} localhost is served without it.");
            }
            catch
            {
                foreach (ListenSocket socket in sockets) socket.Dispose();
                throw;
            }
        }
        return sockets;
    }
}
