using System.Net;
using System.Net.Sockets;
using Rcomm.Listening.HostQueues;

namespace Rcomm.Listening.Tests;

/// <summary>
/// Clients of a TCP socket on loopback whose queue nobody empties: they wait in it until it is full, and the others are dropped. The others begin once
/// it is full, because a handshake that meets a full queue only at its end is counted twice (docs/queues.md).
/// </summary>
internal sealed class WaitingClients : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly List<Socket> _waiting = [];
    private readonly List<Socket> _dropped = [];

    /// <summary>Connects these clients. Returns once the kernel has them in its queue, and has dropped the others.</summary>
    public WaitingClients(int port, int count)
    {
        using var reader = new HostQueueReader();
        HostQueue before = Read();
        int room = Math.Min(count, before.Backlog + 1 - before.Depth);
        for (int i = 0; i < room; i++)
        {
            _waiting.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            _waiting[i].Connect(IPAddress.Loopback, port);
        }
        // A client is connected a moment before its last ACK arrives.
        Assert.True(SpinWait.SpinUntil(() => Read().Depth == before.Depth + room, WaitTimeout));
        for (int i = room; i < count; i++) _dropped.Add(StartConnecting(port));
        Assert.True(SpinWait.SpinUntil(() => Read().Drops >= before.Drops + count - room, WaitTimeout));

        HostQueue Read() => Assert.Single(reader.ReadTcp((ushort)port));
    }

    /// <summary>Ends the clients that were dropped. They try again after a second, which counts as well.</summary>
    public void GiveUp() => _dropped.ForEach(socket => socket.Dispose());

    public void Dispose()
    {
        GiveUp();
        _waiting.ForEach(socket => socket.Dispose());
    }

    private static Socket StartConnecting(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // The connect continues in the kernel.
        }
        return socket;
    }
}
