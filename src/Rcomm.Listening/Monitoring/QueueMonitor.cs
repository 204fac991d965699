using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;
using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.Monitoring;

/// <summary>
/// Monitors one listen queue. The accept loop reads the depth before it accepts. Since only accepting lowers the depth, this catches the true peak of
/// even the shortest burst. <see cref="ListenQueues"/> calls it four times a second for everything else.
/// </summary>
public sealed class QueueMonitor
{
    // If more connections than this wait, the wait of only every sixteenth is measured.
    private const int Many = 256, SampledOf = 16;
    // The kernel's own measure is no finer than this.
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly ListenSocket _socket;
    private readonly QueueMonitorOptions _options;
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly DepthRecord _depth = new();
    private readonly QueueHistory _history = new();
    private readonly WaitTimes _waits = new();
    private readonly ArrivalBound _arrivals = new();
    private readonly DropCounter _drops;
    private readonly DropWatch _dropWatch;
    private readonly StallWatch _stallWatch;
    private readonly AcceptTrouble _trouble;
    private readonly AutoBacklog _growth;
    private readonly bool _measuresWait;
    // An inherited socket may belong to another namespace, with other counters.
    private readonly bool _isInOurNamespace;
    private int _knownToWait;
    private int _acceptsUntilReading;
    private long _accepts;
    private long _served;
    private long _turnedAway;
    private int _waitedLong;

    /// <summary>Initializes a monitor for the socket, which it does not own.</summary>
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
        _drops = new DropCounter(listenDrops: _isInOurNamespace ? ListenDrops.ReadOnce() : null, word: socket.ReadQueue()?.Drops);
    }

    /// <summary>Raised for the operator, on the accept loop's thread or the monitoring thread, so handlers must not block.</summary>
    public event Action<QueueEvent>? EventOccurred;

    /// <summary>Returns how many connections the kernel has accepted ahead of the accept loop: they wait as well.</summary>
    internal Func<AheadReading> ReadAhead { private get; set; } = () => default;

    /// <summary>Gets the queue's address.</summary>
    public ListenAddress Address => _socket.Address;

    /// <summary>Gets the shard of the address; null for the only socket.</summary>
    public Shard? Shard => _socket.Shard;

    /// <summary>Gets the queue's name in the log: <see cref="ListenSocket.Name"/>.</summary>
    public string Name => _socket.Name;

    /// <summary>Gets whether the queue works: false while connections wait without being accepted, or the queue has been full for too long.</summary>
    public bool IsReady
    {
        get
        {
            lock (_lock) return _stallWatch.Cause is null && !(_depth.IsFull && _depth.FullFor(Now) >= _options.FullTime);
        }
    }

    private TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    /// <summary>Returns the queue's numbers so far.</summary>
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
                _dropWatch.AdviceBeyond(backlog, () => SomaxConn.For(_socket.Socket))) { Capacity = backlog + ahead.Waiting + ahead.Room };
        }
    }

    /// <summary>Gets how many connections waited at the last reading: before the last accept, or at the last tick. Needs no system call.</summary>
    public int LastDepth => _depth.Depth;

    /// <summary>Returns the last five minutes, second by second.</summary>
    public IReadOnlyList<QueueSecond> LastSeconds()
    {
        lock (_lock) return _history.Seconds;
    }

    /// <summary>Counts an accepted connection that the server has begun to work on. A stall is reported if connections are not served.</summary>
    public void Served() => Interlocked.Increment(ref _served);

    /// <summary>Counts a served connection as waiting again.</summary>
    internal void NotServed() => Interlocked.Decrement(ref _served);

    /// <summary>
    /// Called by the accept loop before it accepts. Returns how many connections are known to wait, or null if unknown. The depth is read at the
    /// start of a batch and before every sixteenth accept: each accept lowers it, and the next reading sees new arrivals. Reading a Unix queue costs
    /// more, so it is read only at the start of a batch.
    /// </summary>
    /// <param name="first">True at the start of a batch.</param>
    /// <param name="ahead">
    /// How many connections the kernel has accepted ahead; none then wait in the queue, so nothing is read. Null while it doesn't accept ahead.
    /// </param>
    internal int? BeforeAccept(bool first, int? ahead)
    {
        if (ahead is { } waiting)
        {
            _arrivals.Forget();
            lock (_lock) AddDepth(waiting);
            return ahead;
        }
        if (!first && Address.IsUnix) return null;
        if (!first && (--_knownToWait <= 0 || --_acceptsUntilReading > 0))
        {
            _depth.FallTo(Math.Max(0, _knownToWait));
            return _depth.Depth;
        }
        _arrivals.Read(Now, previousAccepted: _knownToWait <= 0);
        if (_socket.ReadDepth() is not { } reading) return null;
        lock (_lock) Add(reading, ahead: 0);
        (_knownToWait, _acceptsUntilReading) = (reading.Depth, SampledOf);
        _growth.IfHalfFull(reading);
        return reading.Depth;
    }

    /// <summary>Called by the accept loop for each accepted connection. Returns how long it waited, if that is measured.</summary>
    internal TimeSpan? Accepted(int connection)
    {
        TimeSpan? wait = !_measuresWait || IsSkipped ? null
            : _arrivals.IsBelow(ShortWait, Now) ? TimeSpan.Zero : TimeSpan.FromMilliseconds(TcpInfo.Read(connection).LastDataSent);
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

    /// <summary>Called by the accept loop for each connection that it turns away.</summary>
    internal void TurnedAway()
    {
        Served();
        lock (_lock)
        {
            AddAccept();
            _turnedAway++;
        }
    }

    /// <summary>Called by the accept loop, repeatedly, while connections wait or are turned away because the limit is reached.</summary>
    internal void LimitReached(int max, bool turnsAway)
    {
        QueueEvent? reached;
        lock (_lock) reached = _trouble.AddLimit(max, turnsAway, Now);
        Report(reached);
    }

    /// <summary>Called by the accept loop for each failed accept, including harmless ones.</summary>
    internal void AcceptFailed(string error, AcceptOutcome outcome)
    {
        QueueEvent? failed;
        _arrivals.Forget();
        lock (_lock) failed = _trouble.AddFailure(error, outcome, Now);
        Report(failed);
    }

    /// <summary>Called by <see cref="ListenQueues"/> four times a second.</summary>
    /// <param name="readListenDrops">Reads <c>ListenDrops</c> of this process's network namespace.</param>
    internal void Tick(Func<long?> readListenDrops)
    {
        lock (_lock) _depth.BeginReading();
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
            var progress = new QueueProgress(_depth.Depth, _accepts, Interlocked.Read(ref _served)) { WaitedLong = _waitedLong, KnownCause = _trouble.Cause };
            stall = _stallWatch.Tick(Now, progress);
            _waitedLong = 0;
            goesOn = _trouble.Tick(Now);
            _depth.BeginTick();
            _history.Tick(Now, _depth.Depth, backlog, capacity: backlog + ahead.Waiting + ahead.Room);
        }
        Report(drops);
        Report(stall);
        Report(goesOn);
        if (dropped > 0) _growth.Grow();
        else if (reading is { } queue) _growth.IfHalfFull(queue);
        _growth.ApplyRaisedCap();
    }

    private bool IsSkipped => _depth.Depth > Many && _accepts % SampledOf != 0;

    private void Report(QueueEvent? happened)
    {
        if (happened is not null) EventOccurred?.Invoke(happened);
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
