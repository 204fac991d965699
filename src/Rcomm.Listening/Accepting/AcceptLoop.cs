using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>
/// Accepts the connections of one listening socket on a dedicated thread, so that the listen queue is emptied promptly, however busy the thread pool
/// is.
/// </summary>
public sealed class AcceptLoop : IDisposable
{
    // How soon a drain is noticed at the connection limit.
    private static readonly TimeSpan DrainCheckAtLimit = TimeSpan.FromMilliseconds(100);
    // How long to wait for connections that were asked to close.
    private static readonly TimeSpan RoomTimeout = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan OutOfResourcesBackoff = TimeSpan.FromMilliseconds(20);

    private readonly QueueAcceptor _acceptor;
    private readonly QueueMonitor _monitor;
    private readonly Action<AcceptedConnection>? _accepted;
    private IConnectionSink? _sink;
    private readonly ConnectionLimit? _limit;
    private readonly AcceptLoopOptions _options;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _draining;

    /// <summary>Initializes a loop for a socket. It runs from <see cref="Start"/> on.</summary>
    /// <param name="socket">The listening socket. The caller disposes it after the loop has ended.</param>
    /// <param name="accepted">
    /// Takes ownership of each connection, and disposes it when it ends. Called on the loop's thread, so it must not block.
    /// </param>
    /// <param name="monitor">The queue's monitor; null to create one.</param>
    /// <param name="options">How to accept; null for the defaults.</param>
    public AcceptLoop(ListenSocket socket, Action<AcceptedConnection> accepted, QueueMonitor? monitor = null, AcceptLoopOptions? options = null)
        : this(socket, monitor, options)
    {
        ArgumentNullException.ThrowIfNull(accepted);
        _accepted = accepted;
    }

    private AcceptLoop(ListenSocket socket, QueueMonitor? monitor, AcceptLoopOptions? options)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _options = options ?? new();
        _limit = _options.Limit;
        _acceptor = QueueAcceptor.For(socket, _options.Method, _limit);
        _monitor = monitor ?? new QueueMonitor(socket);
        _monitor.ReadAhead = _acceptor.ReadAhead;
        Open = new OpenConnections(_monitor, _limit);
        _thread = new Thread(Run) { IsBackground = true, Name = $"accept {socket.Address}" };
    }

    /// <summary>Gets the open connections that this loop has accepted.</summary>
    public OpenConnections Open { get; }

    /// <summary>Creates a loop that allocates no object for each connection. Linux only.</summary>
    /// <param name="socket">The listening socket. The caller disposes it after the loop has ended.</param>
    /// <param name="sink">Takes ownership of each connection.</param>
    /// <param name="monitor">The queue's monitor.</param>
    /// <param name="options">How to accept; null for the defaults.</param>
    public static AcceptLoop OfDescriptors(ListenSocket socket, IConnectionSink sink, QueueMonitor monitor, AcceptLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(sink);
        return new(socket, monitor, options) { _sink = sink };
    }

    /// <summary>Gets a task that completes when the loop has ended, after a drain or because the socket no longer accepts.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Starts accepting.</summary>
    public void Start() => _thread.Start();

    /// <summary>
    /// Accepts until the queue is empty, then ends the loop. The socket stays open. It keeps trying while the system lacks descriptors or memory, so
    /// the caller should wait for the task with a timeout.
    /// </summary>
    public Task DrainAsync()
    {
        _draining = true;
        if (!Ended.IsCompleted) _acceptor.Wake();
        return Ended;
    }

    /// <summary>Releases the loop's resources. Call it once <see cref="Ended"/> has completed.</summary>
    public void Dispose()
    {
        if (Ended.IsCompleted) _acceptor.Dispose();
    }

    private void Run()
    {
        try
        {
            bool accepting;
            _acceptor.Start();
            do
            {
                _acceptor.WaitForConnection();
                // Read before the queue is emptied: connections that arrive later belong to the next round or the next listener.
                bool last = _draining;
                if (last) _acceptor.StopAhead();
                accepting = EmptyQueue() && (!last || _acceptor.HasWaiting());
            }
            while (accepting);
            _ended.SetResult();
        }
        catch (Exception e)
        {
            _ended.SetException(e);
        }
    }

    private bool EmptyQueue()
    {
        for (bool first = true; ; first = false)
        {
            int? ahead = _acceptor.Ahead;
            // The first attempt doesn't trust the reading: accept also reports a broken socket.
            if ((_monitor.BeforeAccept(first, ahead) == 0 && !first) || ahead == 0) return true;
            // Connections that the kernel accepted ahead already have a place.
            bool hasPlace = ahead > 0;
            bool admitted = hasPlace || _limit is null || _limit.TryEnter(TimeSpan.Zero);
            if (!admitted)
            {
                if (!_acceptor.HasWaiting()) return true;
                admitted = WaitForRoom(_limit!);
            }
            AcceptResult result = _acceptor.Accept();
            if (admitted && !hasPlace && result.Outcome != AcceptOutcome.Accepted) _limit?.Leave();
            if (result.Outcome == AcceptOutcome.QueueEmpty) return true;
            if (result.Error is { } error) _monitor.AcceptFailed(error, result.Outcome);

            switch (result.Outcome)
            {
                case AcceptOutcome.Accepted:
                    Dispatch(result, admitted);
                    break;
                case AcceptOutcome.OutOfResources:
                    Backoff();
                    break;
                case AcceptOutcome.Broken:
                    return false;
            }
        }
    }

    // Returns false immediately if connections past the limit are turned away. A drain accepts what waits, whatever the limit, because nothing else
    // will answer these connections.
    private bool WaitForRoom(ConnectionLimit limit)
    {
        if (_draining && _options.TurnAway is null)
        {
            limit.EnterAnyway();
            return true;
        }
        do
        {
            if (limit.RecallHeld() && limit.TryEnter(RoomTimeout)) return true;
            if (_options.MakeRoom?.Invoke() == true && limit.TryEnter(RoomTimeout)) return true;
            _monitor.LimitReached(limit.Max, _options.TurnAway is not null);
            if (_options.TurnAway is not null) return false;
            if (limit.TryEnter(DrainCheckAtLimit)) return true;
        }
        while (!_draining);
        limit.EnterAnyway();
        return true;
    }

    private void Dispatch(in AcceptResult accepted, bool admitted)
    {
        if (!admitted)
        {
            _monitor.TurnedAway();
            _options.TurnAway!(Owned(accepted, place: null));
            return;
        }
        Open.Enter();
        TimeSpan? wait = _monitor.Accepted(accepted.Descriptor);
        if (_sink is not null && accepted.Socket is null) _sink.Accepted(accepted.Descriptor, accepted.Peer, Open);
        else if (TryOwn(accepted, wait) is { } connection) _accepted!(connection);
    }

    // Without memory, this connection is refused and the loop continues.
    private AcceptedConnection? TryOwn(in AcceptResult accepted, TimeSpan? wait)
    {
        try
        {
            return Owned(accepted, Open, wait);
        }
        catch (OutOfMemoryException)
        {
            if (accepted.Socket is { } socket) socket.Dispose();
            else _ = LibC.Close(accepted.Descriptor);
            Open.Leave();
            return null;
        }
    }

    private static AcceptedConnection Owned(in AcceptResult accepted, OpenConnections? place, TimeSpan? wait = null) => accepted.Socket is { } socket
        ? new(socket, place)
        : new(accepted.Descriptor, accepted.Peer, place) { Wait = wait };

    private void Backoff()
    {
        _options.MakeRoom?.Invoke();
        // During a drain Wake() ends every rest, so sleep, or the loop would spin.
        if (_draining) Thread.Sleep(OutOfResourcesBackoff);
        else _acceptor.Backoff(OutOfResourcesBackoff);
    }
}
