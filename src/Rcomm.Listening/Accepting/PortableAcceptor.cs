using System.Net.Sockets;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Accepting;

/// <summary>Accepts with .NET's own sockets, on systems other than Linux.</summary>
internal sealed class PortableAcceptor(ListenSocket listener) : QueueAcceptor
{
    // .NET has no portable way to wake a blocked poll, so a stop is noticed this late.
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);

    private readonly ManualResetEventSlim _wake = new();

    public override void WaitForConnection()
    {
        while (!_wake.IsSet && !listener.Socket.Poll(PollTime, SelectMode.SelectRead)) { }
    }

    public override void Backoff(TimeSpan time) => _wake.Wait(time);

    public override AcceptResult Accept()
    {
        try
        {
            Socket connection = listener.Socket.Accept();
            SetUp(connection);
            return new(AcceptOutcome.Accepted, Socket: connection);
        }
        catch (SocketException e)
        {
            return new(Classify(e.SocketErrorCode), Error: e.SocketErrorCode.ToString());
        }
    }

    public override bool HasWaiting() => listener.Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    public override void Wake() => _wake.Set();

    public override void Dispose() => _wake.Dispose();

    // Only Linux is known to pass options of the listening socket on to connections.
    private void SetUp(Socket connection)
    {
        connection.Blocking = true;
        if (listener.Address.IsUnix) return;

        connection.NoDelay = listener.Options.NoDelay;
        if (listener.Options.KeepAlive is not { } keepAlive) return;
        connection.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        connection.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)keepAlive.Idle.TotalSeconds);
        connection.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)keepAlive.Interval.TotalSeconds);
        connection.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, keepAlive.Count);
    }

    private static AcceptOutcome Classify(SocketError error) => error switch
    {
        SocketError.WouldBlock => AcceptOutcome.QueueEmpty,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => AcceptOutcome.OutOfResources,
        SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.Interrupted => AcceptOutcome.TryNext,
        _ => AcceptOutcome.Broken,
    };
}
