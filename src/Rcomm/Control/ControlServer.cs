using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sockets;
using Rcomm.Server;

namespace Rcomm.Control;

/// <summary>Answers the control socket of a running server. Only its own user and root are answered.</summary>
internal sealed partial class ControlServer : IAsyncDisposable
{
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(10);
    // A new process compiles, reads its site and warms up before it is ready.
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromMinutes(2);

    private readonly ListenSocket _socket;
    private readonly ServerControl _server;
    private readonly ILogger _logger;
    private readonly AcceptLoop _loop;

    public ControlServer(ListenSocket socket, ServerControl server, ILogger logger)
    {
        _socket = socket;
        _server = server;
        _logger = logger;
        // A thread each, since a command may wait, and a starved thread pool must not keep an operator out.
        _loop = new AcceptLoop(socket, connection => new Thread(() => Answer(connection)) { IsBackground = true, Name = "control" }.Start());
        _loop.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _loop.DrainAsync();
        _loop.Dispose();
        _socket.Dispose();
    }

    private void Answer(Socket connection)
    {
        connection.ReceiveTimeout = connection.SendTimeout = (int)ReplyTimeout.TotalMilliseconds;
        using var channel = new ControlChannel(connection);
        try
        {
            (int process, uint user) = SocketPassing.PeerOf(connection);
            // Read first: what was not read would make the close a reset, and the answer be lost.
            ControlMessage asked = channel.Receive(out _);
            if (user != 0 && user != SocketPassing.OwnUser)
            {
                Refuse(channel, $"User {user} may not control this server; its own user {SocketPassing.OwnUser} and root may.");
                return;
            }
            if (asked.Version != ControlMessage.CurrentVersion)
                Refuse(channel, $"This server speaks version {ControlMessage.CurrentVersion} of the control protocol, you speak {asked.Version}. Restart it with the new program instead.");
            else if (asked.Kind == ControlKind.Takeover)
                HandOver(channel, connection, process);
            else
                channel.Send(_server.Do(asked));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            ConnectionFailed(e.Message);
        }
    }

    // Until the new process says it is ready, nothing here changes: if it fails, this one goes on as if nothing had been.
    private void HandOver(ControlChannel channel, Socket connection, int process)
    {
        if (!_server.TakeoverGate.TryBegin(out string? whyNot))
        {
            Refuse(channel, whyNot);
            return;
        }
        try
        {
            List<(HandedSocket What, ListenSocket Socket)> sockets = [.. _server.Sockets.Append((HandedSocket.Control, _socket)).Select(HandedSocket.Of)];
            if (sockets.Count > SocketPassing.Max)
            {
                Refuse(channel, $"This server has {sockets.Count} listening sockets, and no more than {SocketPassing.Max} can be handed over. Use fewer shards or addresses.");
                return;
            }
            channel.Send(ControlMessage.Of(ControlKind.Done) with { Sockets = [.. sockets.Select(socket => socket.What)] }, [.. sockets.Select(socket => socket.Socket)]);
            TakeoverBegan(process);

            connection.ReceiveTimeout = (int)ReadyTimeout.TotalMilliseconds;
            ControlMessage ready = channel.Receive(out _);
            if (ready.Kind != ControlKind.Ready) throw new IOException($"it said {ready.Kind}, not {ControlKind.Ready}");

            channel.Send(ControlMessage.Of(ControlKind.Done));
            foreach ((_, ListenSocket socket) in sockets.Where(socket => ready.Sockets?.Contains(socket.What) == true)) socket.MarkHeldElsewhere();
            _server.Stop($"taken over by process {process}", takenOver: true);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            TakeoverFailed(process, e.Message);
            TellOff(channel);
        }
        finally
        {
            _server.TakeoverGate.End();
        }
    }

    // A taker that is only slow must not go on as if this process were gone.
    private static void TellOff(ControlChannel channel)
    {
        try
        {
            Refuse(channel, $"It was not ready in {ReadyTimeout.TotalSeconds:0} s.");
        }
        catch (SocketException)
        {
            // It is gone.
        }
    }

    private static void Refuse(ControlChannel channel, string why) => channel.Send(ControlMessage.Of(ControlKind.Refused, why));

    [LoggerMessage(201, LogLevel.Information, "Takeover: process {Process} has the listening sockets; this one goes on until that one is ready")]
    private partial void TakeoverBegan(int process);

    [LoggerMessage(202, LogLevel.Warning, "Takeover by process {Process} failed, this one goes on: {Why}")]
    private partial void TakeoverFailed(int process, string why);

    [LoggerMessage(203, LogLevel.Debug, "A control connection ended early: {Why}")]
    private partial void ConnectionFailed(string why);
}
