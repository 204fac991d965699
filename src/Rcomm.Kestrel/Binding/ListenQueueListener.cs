using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Rcomm.Kestrel.Logging;
using Rcomm.Kestrel.Overload;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel.Binding;

/// <summary>
/// One listening socket as Kestrel sees it. The accept loop's thread writes to a channel and Kestrel reads from it, on that thread or another. The
/// listen queue thus never waits for a thread-pool thread.
/// </summary>
internal sealed partial class ListenQueueListener : IConnectionListener
{
    // Lets pending handshakes finish: about one round trip across a continent.
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromMilliseconds(200);

    // If more connections than this wait, the accept loop's thread only accepts.
    private const int Burst = 16;

    private readonly ListenSocket _socket;
    private readonly IConnectionMaker _maker;
    private readonly ListenerServices _services;
    private readonly QueueMonitor _monitor;
    private readonly AcceptLoop _loop;
    // Either an accepted connection, or a Kestrel connection made from one.
    private readonly Channel<(AcceptedConnection? Accepted, ConnectionContext? Made)> _accepted;
    private readonly FastPathListener? _fastPath;

    public ListenQueueListener(EndPoint endPoint, ListenSocket socket, IConnectionMaker maker, ListenerServices services)
    {
        (ConnectionOptions options, IdleConnections idle, ILogger logger) = (services.Options, services.Idle, services.Logger);
        EndPoint = endPoint;
        _socket = socket;
        _maker = maker;
        _services = services;
        _monitor = new QueueMonitor(socket, options.Monitor);
        QueueSettingNames names = AcceptMethods.CouldAcceptAhead(options.AcceptMethod) ? options.SettingNames : options.SettingNames with { Accept = null };
        _monitor.EventOccurred += happened => QueueEventLog.Write(logger, happened, names);
        services.Queues.Add(_monitor);
        _accepted = Channel.CreateUnbounded<(AcceptedConnection?, ConnectionContext?)>(new()
        {
            SingleReader = true,
            // Kestrel only queues a new connection to the thread pool, which costs less than a thread switch. .NET's sockets do more work.
            AllowSynchronousContinuations = options.Transport != ConnectionTransport.Sockets,
        });
        _fastPath = maker.OpenFastPath(connection =>
        {
            idle.Add(connection);
            return _accepted.Writer.TryWrite((null, connection));
        });
        if (_fastPath is not null) _fastPath.MakePlaces = () => idle.TryMakeRoom();
        Func<int>? closeOthers = _fastPath is null ? null : _fastPath.CloseLongestIdle;
        var accepting = new AcceptLoopOptions
        {
            Method = options.AcceptMethod,
            Limit = options.Limit,
            TurnAway = options.TurnAwayPastLimit ? TurnAway : null,
            MakeRoom = () => idle.TryMakeRoom(closeOthers),
        };
        _loop = _fastPath is null
            ? new AcceptLoop(socket, connection => _accepted.Writer.TryWrite((connection, null)), _monitor, accepting)
            : AcceptLoop.OfDescriptors(socket, _fastPath, _monitor, accepting);
        _loop.Start();
    }

    public EndPoint EndPoint { get; }

    /// <summary>
    /// Returns the next connection. Returns null once the listener is unbound, every accepted connection has been returned and idle ones had their
    /// grace period.
    /// </summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        // Lets the accept loop's thread go back to accepting; Kestrel continues on the thread pool until it has caught up.
        if (_monitor.LastDepth > Burst && !Thread.CurrentThread.IsThreadPoolThread) await Task.Yield();
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_accepted.Reader.TryRead(out var next))
            {
                if ((next.Made ?? Make(next.Accepted!)) is { } context) return context;
            }
        }
        return null;
    }

    /// <summary>
    /// Accepts everything in the listen queue, then closes the socket. If no other process uses the socket, new handshakes are stopped first, because
    /// one that finished between the last accept and the close would be reset.
    /// </summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (_socket.StopNewHandshakes()) await Task.Delay(HandshakeTime, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // The loop must stop in any case, since the socket is about to be closed.
            await _loop.DrainAsync().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            NotDrained(_services.Logger, _socket.Address);
        }
        finally
        {
            _services.Queues.Remove(_monitor);
            _socket.Dispose();
            _ = EndAsync();
        }
    }

    public ValueTask DisposeAsync()
    {
        _services.Queues.Remove(_monitor);
        _socket.Dispose();
        _loop.Dispose();
        return ValueTask.CompletedTask;
    }

    // Kestrel closes connections without a request as soon as accepting ends. Some of them are not idle: the request is in the socket's buffer or in
    // flight.
    private async Task EndAsync()
    {
        try
        {
            await _loop.Open.WaitUntilNoneAsync(_services.Options.IdleGrace);
            if (_fastPath is not null) await _fastPath.EndAsync();
        }
        finally
        {
            // Kestrel's stop waits for this without a timeout.
            _accepted.Writer.TryComplete();
        }
    }

    private void TurnAway(AcceptedConnection connection)
    {
        OverloadResponder.Reject(connection);
        _services.Options.TurnedAway?.Invoke();
    }

    // The client may be gone already, which must not end Kestrel's accept loop.
    private ConnectionContext? Make(AcceptedConnection accepted)
    {
        try
        {
            ConnectionContext connection = _maker.Make(accepted);
            _services.Idle.Add(connection);
            return connection;
        }
        catch (SocketException)
        {
            accepted.Dispose();
            return null;
        }
    }

    [LoggerMessage(110, LogLevel.Warning, "{Address}: the listen queue could not be drained in time; the connections that still wait in it are lost.")]
    private static partial void NotDrained(ILogger logger, ListenAddress address);
}
