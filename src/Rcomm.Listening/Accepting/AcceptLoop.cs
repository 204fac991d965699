using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>
/// Accepts the connections of one listening socket on a thread of its own, so that the kernel's queue is emptied promptly
/// however busy the thread pool is.
/// </summary>
public sealed class AcceptLoop : IDisposable
{
    // How soon a drain is noticed while the connection limit is reached.
    private static readonly TimeSpan DrainCheckAtLimit = TimeSpan.FromMilliseconds(100);
    // For connections that were asked to close.
    private static readonly TimeSpan RoomTimeout = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RestWhenOutOfResources = TimeSpan.FromMilliseconds(20);

    private readonly QueueAcceptor _acceptor;
    private readonly QueueMonitor _monitor;
    private readonly Action<AcceptedConnection>? _accepted;
    private IConnectionSink? _sink;
    private readonly ConnectionLimit? _limit;
    private readonly Action<AcceptedConnection>? _turnAway;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _draining;

    /// <summary>A loop for the socket; it begins at <see cref="Start"/>.</summary>
    /// <param name="socket">The listening socket; it stays the caller's to dispose, after the loop has ended.</param>
    /// <param name="accepted">Takes each connection over, and disposes it at its end. Called on the loop's thread: it must return at once.</param>
    /// <param name="monitor">Sees what the loop sees; null for one of the loop's own.</param>
    /// <param name="limit">Bounds the open connections. Null for no bound.</param>
    /// <param name="turnAway">
    /// Takes over the connections that come past the limit, and ends them; called on the loop's thread. Null (default) leaves them in the
    /// listen queue until there is room.
    /// </param>
    /// <param name="method">How to accept; what this system does not have is <see cref="AcceptMethod.Accept4"/>.</param>
    public AcceptLoop(
        ListenSocket socket, Action<AcceptedConnection> accepted, QueueMonitor? monitor = null, ConnectionLimit? limit = null,
        Action<AcceptedConnection>? turnAway = null, AcceptMethod method = AcceptMethod.Accept4)
        : this(socket, monitor, limit, turnAway, method)
    {
        ArgumentNullException.ThrowIfNull(accepted);
        _accepted = accepted;
    }

    private AcceptLoop(ListenSocket socket, QueueMonitor? monitor, ConnectionLimit? limit, Action<AcceptedConnection>? turnAway, AcceptMethod method)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _acceptor = QueueAcceptor.For(socket, method, limit);
        _limit = limit;
        _turnAway = turnAway;
        _monitor = monitor ?? new QueueMonitor(socket);
        _monitor.ReadAhead = _acceptor.ReadAhead;
        Open = new OpenConnections(_monitor, limit);
        _thread = new Thread(Run) { IsBackground = true, Name = $"accept {socket.Address}" };
    }

    /// <summary>
    /// Asked when a connection waits and there is no place or no descriptor for it: closes others that are idle. True where some are about
    /// to be closed. Called on the loop's thread: it must return at once. Null (default) for nothing to close.
    /// </summary>
    public Func<bool>? MakeRoom { get; set; }

    /// <summary>The connections that it has accepted and that are open.</summary>
    public OpenConnections Open { get; }

    /// <summary>A loop that makes no object of a connection, for a server that needs none for most of them. Linux only.</summary>
    /// <param name="socket">The listening socket; it stays the caller's to dispose, after the loop has ended.</param>
    /// <param name="sink">Takes each connection over.</param>
    /// <param name="monitor">Sees what the loop sees.</param>
    /// <param name="limit">Bounds the open connections. Null for no bound.</param>
    /// <param name="turnAway">Takes over the connections that come past the limit, and ends them; null leaves them in the listen queue.</param>
    /// <param name="method">How to accept; what this system does not have is <see cref="AcceptMethod.Accept4"/>.</param>
    public static AcceptLoop OfDescriptors(
        ListenSocket socket, IConnectionSink sink, QueueMonitor monitor, ConnectionLimit? limit = null, Action<AcceptedConnection>? turnAway = null,
        AcceptMethod method = AcceptMethod.Accept4)
    {
        ArgumentNullException.ThrowIfNull(sink);
        return new(socket, monitor, limit, turnAway, method) { _sink = sink };
    }

    /// <summary>Ends when the loop has: after a drain, or because the socket no longer accepts.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Begins to accept.</summary>
    public void Start() => _thread.Start();

    /// <summary>
    /// Accepts what still waits until the queue is empty, then ends the loop. The socket stays open. While the system lacks
    /// descriptors or memory it keeps trying; waiting for the task with a time limit is the caller's part.
    /// </summary>
    public Task DrainAsync()
    {
        _draining = true;
        if (!Ended.IsCompleted) _acceptor.Wake();
        return Ended;
    }

    /// <summary>Frees what the loop holds; call it once <see cref="Ended"/> has completed.</summary>
    public void Dispose()
    {
        if (Ended.IsCompleted) _acceptor.Dispose();
    }

    private void Run()
    {
        try
        {
            bool accepting;
            _acceptor.Begin();
            do
            {
                _acceptor.WaitForConnection();
                // Read before the queue is emptied: what arrives after the last accept is the next listener's, or the next round's.
                bool last = _draining;
                if (last) _acceptor.EndAhead();
                accepting = EmptyQueue() && (!last || _acceptor.SomethingWaits());
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
            // The first time it is the accept that tells, also of a socket that is none any more.
            if ((_monitor.BeforeAccept(first, ahead) == 0 && !first) || ahead == 0) return true;
            // What the kernel has accepted on its own has its place.
            bool hasPlace = ahead > 0;
            bool admitted = hasPlace || _limit is null || _limit.TryEnter(TimeSpan.Zero);
            if (!admitted)
            {
                if (!_acceptor.SomethingWaits()) return true;
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
                    Rest();
                    break;
                case AcceptOutcome.Broken:
                    return false;
            }
        }
    }

    // False at once where connections past the limit are turned away. A drain accepts what waits, whatever the limit: the kernel has
    // let those in, and nobody else will answer them.
    private bool WaitForRoom(ConnectionLimit limit)
    {
        do
        {
            if (limit.RecallHeld() && limit.TryEnter(RoomTimeout)) return true;
            if (MakeRoom?.Invoke() == true && limit.TryEnter(RoomTimeout)) return true;
            _monitor.LimitReached(limit.Max, _turnAway is not null);
            if (_turnAway is not null) return false;
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
            _turnAway!(Owned(accepted, place: null));
            return;
        }
        Open.Enter();
        TimeSpan? wait = _monitor.Accepted(accepted.Descriptor);
        if (_sink is not null && accepted.Socket is null) _sink.Accepted(accepted.Descriptor, accepted.Peer, Open);
        else if (TryOwn(accepted, wait) is { } connection) _accepted!(connection);
    }

    // Without memory one connection is refused, and the next is accepted all the same.
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

    private void Rest()
    {
        MakeRoom?.Invoke();
        // While draining, Wake() ends every rest at once, and the loop must not spin.
        if (_draining) Thread.Sleep(RestWhenOutOfResources);
        else _acceptor.Rest(RestWhenOutOfResources);
    }
}
