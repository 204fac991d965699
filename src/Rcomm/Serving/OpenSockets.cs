using Rcomm.Configuration;
using Rcomm.Listening;

namespace Rcomm.Serving;

/// <summary>Opens the listening sockets of a server, all or none.</summary>
internal static class OpenSockets
{
    /// <summary>Opens a socket for each address; <c>localhost</c> gets two, or one on a machine without IPv6.</summary>
    /// <exception cref="ListenException">One of them could not be opened; those before it are closed again.</exception>
    public static List<ListenSocket> Open(ServeSettings settings, Action<string> warn)
    {
        List<ListenSocket> sockets = [];
        try
        {
            foreach (ListenAddress written in settings.Addresses)
            {
                foreach (ListenAddress address in written.Expand())
                    if (OpenOne(settings, written, PortOf(address, written, sockets), warn) is { } socket) sockets.Add(socket);
            }
            return sockets;
        }
        catch
        {
            foreach (ListenSocket socket in sockets) socket.Dispose();
            throw;
        }
    }

    private static ListenSocket? OpenOne(ServeSettings settings, ListenAddress written, ListenAddress address, Action<string> warn)
    {
        try
        {
            ListenSocket socket = ListenSocket.Open(address, settings.Socket);
            foreach (string warning in socket.Warnings) warn($"{socket.Address}: {warning}");
            return socket;
        }
        catch (ListenException e) when (written.IsLocalhost && e.Failure == ListenFailure.AddressNotAvailable)
        {
            warn($"{e.Message} localhost is served without it.");
            return null;
        }
    }

    // localhost:0 is one port on both loopbacks, not two.
    private static ListenAddress PortOf(ListenAddress address, ListenAddress written, List<ListenSocket> sockets) =>
        written.IsLocalhost && address.Port == 0 && sockets is [.., { Address.Port: > 0 } first] && first.Address.Ip is not null && IPAddressIsLoopback(first)
            ? ListenAddress.Of(new(address.Ip!, first.Address.Port))
            : address;

    private static bool IPAddressIsLoopback(ListenSocket socket) => System.Net.IPAddress.IsLoopback(socket.Address.Ip!);
}
