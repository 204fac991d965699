using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Monitoring;

/// <summary>
/// Watches one listen queue. Its accept loop reads the depth before it accepts, since depth only falls by an accept: so the true
/// peak is caught, however short the burst. <see cref="ListenQueues"/> ticks it four times a second for everything else.
/// </summary>
public sealed class QueueMonitor
{
    // With more waiting than this, the wait of every sixteenth connection is measured.
    private const int Many = 256;
    private const int SampledOf = 16;

    private readonly Lock _lock = new();
    private readonly ListenSocket _socket;
    private readonly QueueMonitorOptions _options;
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly DepthRecord _depth = new();
    private readonly QueueHistory _history = new();
    private readonly WaitTimes _waits = new();
    private readonly DropCounter _drops;
    private readonly DropWatch _dropWatch;
    private readonly StallWatch _stallWatch;
    private readonly AcceptTrouble _trouble;
    private readonly AutoBacklog _growth;
    private readonly bool _measuresWait;
    // A socket that was inherited may be another namespace's, whose counters are not ours.
    private readonly bool _isInOurNamespace;
    private int _knownToWait;
    private int _acceptsUntilReading;
    private long _accepts;
    private long _served;
    private long _turnedAway;
    private int _waitedLong;

    /// <summary>A monitor for the socket, which it does not own.</summary>
    public QueueMonitor(ListenSocket socket, QueueMonitorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _socket = socket;
        _options = options ?? new QueueMonitorOptions();
        _measuresWait = _options.AcceptWait && OperatingSystem.IsLinux() && !socket.Address.IsUnix;
        _isInOurNamespace = OperatingSystem.IsLinux() && !socket.Address.IsUnix && SomaxConn.IsInOurNamespace(socket.Socket);
        _dropWatch = new DropWatch(socket.Name, socket.Shard?.Count ?? 1);
        _stallWatch = new StallWatch(socket.Name, _options.StallTime);
        _trouble = new AcceptTrouble(socket.Name);
        _growth = new AutoBacklog(socket, Report);
        _drops = new DropCounter(socket.ReadQueue()?.Drops);
    }

    /// <summary>Told at once what an operator should know. Called on the accept loop's or the ticking thread; it must return at once.</summary>
    public event Action<QueueEvent>? Happened;

    /// <summary>Tells how many connections the kernel has accepted ahead of the accept loop: they wait as well.</summary>
    internal Func<AheadReading> ReadAhead { private get; set; } = () => default;

    /// <summary>The queue's address.</summary>
    public ListenAddress Address => _socket.Address;

    /// <summary>Which of the address's shards it is; null for the only socket there.</summary>
    public Shard? Shard => _socket.Shard;

    /// <summary>The queue's name in the log: <see cref="ListenSocket.Name"/>.</summary>
    public string Name => _socket.Name;

    /// <summary>False while connections wait without being accepted, or the queue has been full for too long.</summary>
    public bool IsReady
    {
        get
        {
            lock (_lock) return _stallWatch.Cause is null && !(_depth.IsFull && _depth.FullFor(Now) >= _options.FullTime);
        }
    }

    private TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    /// <summary>The story so far.</summary>
    public QueueSnapshot Snapshot()
    {
        lock (_lock)
        {
            int? backlog = _socket.EffectiveBacklog;
            AheadReading ahead = ReadAhead();
            return new QueueSnapshot(
                Address, Shard, _socket.RequestedBacklog.ToString(), backlog, _depth.Depth, _depth.Peak, _history.PeakOfLastMinute,
                Address.IsUnix ? null : _drops.Total, _history.DropsOfLastSecond,
                _accepts, _turnedAway, _trouble.Errors, _depth.FullTime(Now).TotalSeconds, _stallWatch.Cause,
                _measuresWait ? _waits.Summarize() : null,
                AdviceBeyond(backlog)) { Capacity = backlog + ahead.Waiting + ahead.Room };
        }
    }

    /// <summary>How many connections waited at the last reading: before the last accept, or at the last tick. Costs nothing.</summary>
    public int LastDepth => _depth.Depth;

    /// <summary>The last five minutes, a second each.</summary>
    public IReadOnlyList<QueueSecond> LastSeconds()
    {
        lock (_lock) return _history.Seconds;
    }

    /// <summary>The server began to work on a connection that was accepted; connections that are not served are a stall.</summary>
    public void Served() => Interlocked.Increment(ref _served);

    /// <summary>A connection that was served waits again.</summary>
    internal void NotServed() => Interlocked.Decrement(ref _served);

    /// <summary>
    /// Called by the accept loop before it accepts; returns how many are known to wait, or null where that is not known. The depth is read
    /// for the first of a batch and before every sixteenth: it falls by each accept, and what comes meanwhile is seen by the next reading. A
    /// Unix queue's reading costs more, and is left to the first of a batch.
    /// </summary>
    /// <param name="first">True for the first of a batch.</param>
    /// <param name="ahead">How many the kernel has accepted ahead: then none stay in its queue, and nothing is read. Null while it doesn't.</param>
    internal int? BeforeAccept(bool first, int? ahead)
    {
        if (ahead is { } waiting)
        {
            lock (_lock) AddDepth(waiting);
            return ahead;
        }
        if (!first && Address.IsUnix) return null;
        if (!first && (--_knownToWait <= 0 || --_acceptsUntilReading > 0))
        {
            _depth.FallTo(Math.Max(0, _knownToWait));
            return _depth.Depth;
        }
        if (_socket.ReadDepth() is not { } reading) return null;
        lock (_lock) Add(reading, ahead: 0);
        (_knownToWait, _acceptsUntilReading) = (reading.Depth, SampledOf);
        _growth.IfHalfFull(reading);
        return reading.Depth;
    }

    /// <summary>Called by the accept loop for each connection it has accepted; returns how long it waited, where that is measured.</summary>
    internal TimeSpan? Accepted(int connection)
    {
        TimeSpan? wait = _measuresWait && !IsSkipped ? TimeSpan.FromMilliseconds(TcpInfo.Read(connection).LastDataSent) : null;
        lock (_lock)
        {
            AddAccept();
            if (wait is { } time)
            {
                _waits.Add(time.TotalSeconds);
                if (time >= _options.StallTime) _waitedLong++;
            }
        }
        if (wait is { } measured) QueueMetrics.RecordWait(this, measured.TotalSeconds);
        return wait;
    }

    /// <summary>Called by the accept loop for each connection that it accepted only to turn it away.</summary>
    internal void TurnedAway()
    {
        Served();
        lock (_lock)
        {
            AddAccept();
            _turnedAway++;
        }
    }

    /// <summary>Called by the accept loop, again and again, while connections wait because the limit is reached, or are turned away for it.</summary>
    internal void LimitReached(int max, bool turnsAway)
    {
        QueueEvent? reached;
        lock (_lock) reached = _trouble.AddLimit(max, turnsAway, Now);
        Report(reached);
    }

    /// <summary>Called by the accept loop for each accept that failed, the harmless ones too.</summary>
    internal void AcceptFailed(string error, AcceptOutcome outcome)
    {
        QueueEvent? failed;
        lock (_lock) failed = _trouble.AddFailure(error, outcome, Now);
        Report(failed);
    }

    /// <summary>Called by <see cref="ListenQueues"/>, four times a second.</summary>
    /// <param name="readListenDrops">Reads <c>ListenDrops</c> of this process's network namespace.</param>
    internal void Tick(Func<long?> readListenDrops)
    {
        QueueReading? reading = _socket.ReadQueue();
        int backlog = reading?.Backlog ?? 0;
        AheadReading ahead = ReadAhead();
        long? listenDrops = _isInOurNamespace ? readListenDrops() : null;
        QueueEvent? drops, stall, goesOn;
        long dropped;
        lock (_lock)
        {
            if (reading is { } read) Add(read, ahead.Waiting);
            (int Depth, int Backlog) peak = _depth.PeakSinceTick;
            dropped = _drops.Add(reading?.Drops, listenDrops, QueueEvent.WasFull(peak.Depth, peak.Backlog));
            _history.AddDrops(dropped);
            drops = _dropWatch.Tick(Now, dropped, peak, backlog, () => SomaxConn.For(_socket.Socket));
            stall = _stallWatch.Tick(Now, _depth.Depth, _accepts, Interlocked.Read(ref _served), _trouble.Cause, _waitedLong);
            _waitedLong = 0;
            goesOn = _trouble.Tick(Now);
            _depth.BeginTick(backlog);
            _history.Tick(Now, _depth.Depth, backlog, capacity: backlog + ahead.Waiting + ahead.Room);
        }
        Report(drops);
        Report(stall);
        Report(goesOn);
        if (dropped > 0) _growth.Grow();
        else if (reading is { } queue) _growth.IfHalfFull(queue);
        _growth.ApplyRaisedCap();
    }

    // Advice that was followed, by a live resize or an automatic backlog, is no longer given.
    private BacklogAdvice? AdviceBeyond(int? backlog)
    {
        (long drops, int peak) = _dropWatch.Worst;
        if (drops == 0) return null;
        BacklogAdvice advice = BacklogAdvice.For(peak, drops, SomaxConn.For(_socket.Socket), Shard?.Count ?? 1);
        return advice.Backlog <= backlog ? null : advice;
    }

    private bool IsSkipped => _depth.Depth > Many && _accepts % SampledOf != 0;

    private void Report(QueueEvent? happened)
    {
        if (happened is not null) Happened?.Invoke(happened);
    }

    private void Add(QueueReading reading, int ahead)
    {
        _depth.Add(reading, Now);
        AddDepth(reading.Depth + ahead);
    }

    private void AddDepth(int depth)
    {
        _depth.Add(depth);
        _history.AddDepth(depth);
    }

    private void AddAccept()
    {
        _accepts++;
        _history.AddAccept();
    }
}
