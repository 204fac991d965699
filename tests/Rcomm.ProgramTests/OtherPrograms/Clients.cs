using System.Net;
using System.Net.Sockets;

namespace Rcomm.ProgramTests.OtherPrograms;

/// <summary>Connections that were all started at the same instant; the kernel completes or retries them.</summary>
internal sealed class Clients : IDisposable
{
    private readonly List<Socket> _sockets = [];

    public static Clients Connect(int port, int count)
    {
        var clients = new Clients();
        for (int i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            clients._sockets.Add(socket);
            try
            {
                socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // The connect continues in the kernel.
            }
        }
        return clients;
    }

    public void Dispose()
    {
        foreach (Socket socket in _sockets) socket.Dispose();
    }
}
