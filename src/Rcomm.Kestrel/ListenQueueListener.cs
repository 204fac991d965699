using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Rcomm.Listening;

namespace Rcomm.Kestrel;

/// <summary>
/// One listening socket as Kestrel sees it. The accept loop's thread fills a channel, Kestrel empties it: the kernel's queue
/// does not wait for Kestrel, nor for a thread-pool thread.
/// </summary>
internal sealed partial class ListenQueueListener : IConnectionListener
{
    private readonly ListenSocket _socket;
    private readonly SocketConnectionContextFactory _connections;
    private readonly ListenQueueOptions _options;
    private readonly ILogger _logger;
    private readonly AcceptLoop _loop;
    private readonly Channel<Socket> _accepted = Channel.CreateUnbounded<Socket>(new() { SingleReader = true, SingleWriter = true });
    private readonly FirstReads _firstReads = new();

    public ListenQueueListener(
        EndPoint endPoint, ListenSocket socket, SocketConnectionContextFactory connections, ListenQueueOptions options, ILogger logger)
    {
        EndPoint = endPoint;
        _socket = socket;
        _connections = connections;
        _options = options;
        _logger = logger;
        _loop = new AcceptLoop(socket, connection => _accepted.Writer.TryWrite(connection), Report);
        _loop.Start();
    }

    public EndPoint EndPoint { get; }

    /// <summary>The next connection; null once the listener is unbound and everything that was accepted has been handed out and read from.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_accepted.Reader.TryRead(out Socket? connection))
            {
                if (Adopt(connection) is { } context) return context;
            }
        }
        // Kestrel closes idle connections as soon as it is told that there are no more. One that was taken off the queue a
        // moment ago is not idle: its request is in the socket's buffer, or on the way.
        await _firstReads.WaitUntilAllHappenedAsync(_options.FirstBytesGrace);
        return null;
    }

    /// <summary>Accepts everything that waits in the kernel's queue, then closes the socket.</summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _loop.DrainAsync().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            NotDrained(_socket.Address);
        }
        finally
        {
            _socket.Dispose();
            _accepted.Writer.TryComplete();
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _loop.Dispose();
        _connections.Dispose();
        return ValueTask.CompletedTask;
    }

    // The client may be gone already, and Kestrel's accept loop must not end for it.
    private ConnectionContext? Adopt(Socket socket)
    {
        try
        {
            return _firstReads.Watch(_connections.Create(socket));
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private void Report(AcceptTrouble trouble)
    {
        switch (trouble.Kind)
        {
            case AcceptTroubleKind.Paused when trouble.Error == "EMFILE":
                OutOfDescriptors(_socket.Address);
                break;
            case AcceptTroubleKind.Paused:
                Paused(_socket.Address, trouble.Error);
                break;
            case AcceptTroubleKind.GoesOn:
                GoesOn(_socket.Address, trouble.Lasted!.Value.TotalSeconds);
                break;
            default:
                Broken(_socket.Address, trouble.Error);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Address}: accepting paused, this process has no file descriptor left (EMFILE). Connections wait " +
        "in the listen queue. Raise the limit: LimitNOFILE= in the systemd unit, or ulimit -n.")]
    private partial void OutOfDescriptors(ListenAddress address);

    [LoggerMessage(2, LogLevel.Warning, "{Address}: accepting paused, the system is out of resources ({Error}). Connections wait in the listen queue.")]
    private partial void Paused(ListenAddress address, string error);

    [LoggerMessage(3, LogLevel.Information, "{Address}: accepting again after {Seconds:0.0} s")]
    private partial void GoesOn(ListenAddress address, double seconds);

    [LoggerMessage(4, LogLevel.Error, "{Address}: the socket no longer accepts connections ({Error}). Restart the server.")]
    private partial void Broken(ListenAddress address, string error);

    [LoggerMessage(5, LogLevel.Warning, "{Address}: the listen queue could not be drained in time; what still waits in it is lost.")]
    private partial void NotDrained(ListenAddress address);
}
