using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Tests;

/// <summary>What the tests of ListenSocket share.</summary>
public abstract class ListenSocketTestBase
{
    private protected static ListenSocket Open(string address, ListenSocketOptions? options = null) =>
        ListenSocket.Open(ListenAddress.Parse(address), options);

    private protected static Socket Connect(ListenAddress address)
    {
        var socket = new Socket(address.Ip!.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(new IPEndPoint(address.Ip, address.Port));
        return socket;
    }

    private protected static Socket Accept(ListenSocket socket)
    {
        socket.Socket.Poll(TimeSpan.FromSeconds(60), SelectMode.SelectRead);
        return socket.Socket.Accept();
    }
}
