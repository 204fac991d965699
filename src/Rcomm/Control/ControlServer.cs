using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Handover;
using Rcomm.Listening.Sockets;

namespace Rcomm.Control;

/// <summary>Answers the control socket of a running server, for its own user and root only.</summary>
internal sealed partial class ControlServer : IAsyncDisposable
{
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(10);

    private readonly ListenSocket _socket;
    private readonly IServerControl _server;
    private readonly ILogger _logger;
    private readonly AcceptLoop _loop;

    public ControlServer(ListenSocket socket, IServerControl server, ILogger logger)
    {
        _socket = socket;
        _server = server;
        _logger = logger;
        // Uses a thread for each connection, since a command may wait, and a starved thread pool must not lock the operator out.
        _loop = new AcceptLoop(socket, Begin);
        _loop.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _loop.DrainAsync();
        _loop.Dispose();
        _socket.Dispose();
    }

    private void Begin(AcceptedConnection connection)
    {
        try
        {
            new Thread(() => Answer(connection.ToSocket())) { IsBackground = true, Name = "control" }.Start();
        }
        // There is no memory, or no room for another thread (pids.max).
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            connection.Dispose();
            ConnectionFailed(e.Message);
        }
    }

    private void Answer(Socket connection)
    {
        using var channel = new MessageChannel(connection) { MessageTimeout = ReplyTimeout };
        using var control = new ControlChannel(channel);
        try
        {
            // Read first: closing with unread data sends a reset, and the reply would be lost.
            byte[] message = channel.Receive();
            if (!channel.IsPeerTrusted)
            {
                Refuse(control, $"User {channel.Peer.User} may not control this server; its own user {MessageChannel.OwnUser} and root may.");
                return;
            }
            if (HandoverServer.IsTakeover(message))
            {
                HandOver(channel, message);
                return;
            }
            ControlMessage asked = ControlChannel.Read(message);
            if (asked.Version == ControlMessage.CurrentVersion) control.Send(_server.Execute(asked));
            else Refuse(control, $"This server uses version {ControlMessage.CurrentVersion} of the control protocol, the client uses {asked.Version}. " +
                "Restart the server with the new program instead.");
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            ConnectionFailed(e.Message);
        }
    }

    // Nothing changes here until the new process is ready: if it fails, this one continues to serve.
    private void HandOver(MessageChannel channel, byte[] message)
    {
        int process = channel.Peer.Process;
        if (_server.Handover.TryHandOver(channel, message, () => TakeoverStarted(process), out string? why))
            _server.Stop($"taken over by process {process}", takenOver: true);
        else TakeoverFailed(process, why);
    }

    private static void Refuse(ControlChannel channel, string why) => channel.Send(ControlMessage.Of(ControlKind.Refused, why));

    [LoggerMessage(201, LogLevel.Information, "Takeover: process {Process} has the listening sockets; this server continues until that process is ready")]
    private partial void TakeoverStarted(int process);

    [LoggerMessage(202, LogLevel.Warning, "Takeover by process {Process} failed; this server continues: {Why}")]
    private partial void TakeoverFailed(int process, string why);

    [LoggerMessage(203, LogLevel.Debug, "A control connection ended early: {Why}")]
    private partial void ConnectionFailed(string why);
}
