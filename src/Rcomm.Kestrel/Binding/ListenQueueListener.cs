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
/// One listening socket as Kestrel sees it. The accept loop's thread fills a channel, Kestrel empties it, on that thread or another: the kernel's queue
/// does not wait for a thread-pool thread.
/// </summary>
internal sealed partial class ListenQueueListener : IConnectionListener
{
    // A round trip across a continent, for the handshakes that are under way.
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromMilliseconds(200);

    // With more waiting than this, the accept loop's thread does nothing but accept.
    private const int Burst = 16;

    private readonly ListenSocket _socket;
    private readonly IConnectionMaker _maker;
    private readonly ConnectionOptions _options;
    private readonly ListenQueues _queues;
    private readonly IdleConnections _idle;
    private readonly QueueMonitor _monitor;
    private readonly ILogger _logger;
    private readonly AcceptLoop _loop;
    // Either what was accepted, or already a connection for Kestrel.
    private readonly Channel<(AcceptedConnection? Accepted, ConnectionContext? Made)> _accepted;
    private readonly FastPathListener? _fastPath;

    public ListenQueueListener(
        EndPoint endPoint, ListenSocket socket, IConnectionMaker maker, ConnectionOptions options, ListenQueues queues, IdleConnections idle, ILogger logger)
    {
        EndPoint = endPoint;
        _socket = socket;
        _maker = maker;
        _options = options;
        _queues = queues;
        _idle = idle;
        _logger = logger;
        _monitor = new QueueMonitor(socket, options.Monitor);
        QueueSettingNames names = AcceptMethods.CouldAcceptAhead(options.AcceptMethod) ? options.SettingNames : options.SettingNames with { Accept = null };
        _monitor.Happened += happened => QueueEventLog.Write(logger, happened, names);
        queues.Add(_monitor);
        _accepted = Channel.CreateUnbounded<(AcceptedConnection?, ConnectionContext?)>(new()
        {
            SingleReader = true,
            // All that Kestrel does with a new connection is to hand it to the thread pool: less work than a change of threads. .NET's sockets do more.
            AllowSynchronousContinuations = options.Transport != ConnectionTransport.Sockets,
        });
        Action<AcceptedConnection>? turnAway = options.TurnAwayPastLimit
            ? connection =>
            {
                OverloadResponder.Reject(connection);
                options.TurnedAway?.Invoke();
            }
            : null;
        _fastPath = maker.OpenFastPath(connection =>
        {
            idle.Add(connection);
            return _accepted.Writer.TryWrite((null, connection));
        });
        _loop = _fastPath is null
            ? new AcceptLoop(socket, connection => _accepted.Writer.TryWrite((connection, null)), _monitor, options.Limit, turnAway, options.AcceptMethod)
            : AcceptLoop.OfDescriptors(socket, _fastPath, _monitor, options.Limit, turnAway, options.AcceptMethod);
        Func<int>? closeOthers = _fastPath is null ? null : _fastPath.CloseLongestIdle;
        _loop.MakeRoom = () => idle.TryMakeRoom(closeOthers);
        if (_fastPath is not null) _fastPath.MakePlaces = () => idle.TryMakeRoom();
        _loop.Start();
    }

    public EndPoint EndPoint { get; }

    /// <summary>The next connection; null once the listener is unbound and everything that was accepted has been handed out and had its chance.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        // Kestrel goes on elsewhere with what has been accepted, until it has caught up.
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
    /// Accepts everything that waits in the kernel's queue, then closes the socket. Where no other process goes on with it, the kernel
    /// is first told to begin no more handshakes: one that ended between the last accept and the close would be reset.
    /// </summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (_socket.StopNewHandshakes()) await Task.Delay(HandshakeTime, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // The loop is told in any case: it must not go on with a socket that is closed.
            await _loop.DrainAsync().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            NotDrained(_socket.Address);
        }
        finally
        {
            _queues.Remove(_monitor);
            _socket.Dispose();
            _ = EndAsync();
        }
    }

    public ValueTask DisposeAsync()
    {
        _queues.Remove(_monitor);
        _socket.Dispose();
        _loop.Dispose();
        return ValueTask.CompletedTask;
    }

    // Kestrel closes connections without a request as soon as it is told that there are no more. Some of them are not idle: the request is
    // in the socket's buffer, or on the way.
    private async Task EndAsync()
    {
        try
        {
            await _loop.Open.WaitUntilNoneAsync(_options.IdleGrace);
            if (_fastPath is not null) await _fastPath.EndAsync();
        }
        finally
        {
            // Kestrel's stop waits for it without a limit of time.
            _accepted.Writer.TryComplete();
        }
    }

    // The client may be gone already, and Kestrel's accept loop must not end for it.
    private ConnectionContext? Make(AcceptedConnection accepted)
    {
        try
        {
            ConnectionContext connection = _maker.Make(accepted);
            _idle.Add(connection);
            return connection;
        }
        catch (SocketException)
        {
            accepted.Dispose();
            return null;
        }
    }

    [LoggerMessage(110, LogLevel.Warning, "{Address}: the listen queue could not be drained in time; what still waits in it is lost.")]
    private partial void NotDrained(ListenAddress address);
}
