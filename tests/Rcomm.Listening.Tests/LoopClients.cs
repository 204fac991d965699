using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Tests;

/// <summary>Clients of a <see cref="ControlledLoop"/>'s socket.</summary>
internal sealed class LoopClients : IDisposable
{
    private readonly List<Socket> _sockets = [];

    public LoopClients(ListenSocket target, int count)
    {
        for (int i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            socket.Connect(new IPEndPoint(IPAddress.Loopback, target.Address.Port));
        }
    }

    public void Reset()
    {
        foreach (Socket socket in _sockets) socket.LingerState = new LingerOption(true, 0);
    }

    public void Dispose()
    {
        foreach (Socket socket in _sockets) socket.Dispose();
    }
}
