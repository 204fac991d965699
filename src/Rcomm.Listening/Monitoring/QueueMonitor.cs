using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Shared.Linux;


namespace Rcomm.Listening.Monitoring;

/// <summary>
/// Watches one listen queue. Its accept loop reads the depth before each accept, since depth only falls by an accept: so the true
/// peak is caught, however short the burst. <see cref="ListenQueues"/> ticks it four times a second for everything else.
/// </summary>
public sealed class QueueMonitor
{
    // At the limit each connection that ends lets one in: without this pause there would be a line in the log for each.
    private static readonly TimeSpan QuietAfterPause = TimeSpan.FromSeconds(1);
    // With more waiting than this, the depth is read before every sixteenth accept and the wait of every sixteenth connection: the depth falls only by an accept, so what
    // the peak misses is what came meanwhile.
    private const int Many = 256;
    private const int SampledOf = 16;
    private const int SecondsKept = 300;
    private const int SecondsOfLastMinute = 60;

    private readonly Lock _lock = new();
    private readonly ListenSocket _socket;
    private readonly QueueMonitorOptions _options;
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly DropWatch _dropWatch;
    private readonly StallWatch _stallWatch;
    private readonly Dictionary<string, long> _errors = [];
    private readonly WaitTimes _waits = new();
    private readonly Queue<QueueSecond> _seconds = new(SecondsKept);
    private readonly bool _measuresWait;
    // A socket that was inherited may be another namespace's, whose counters are not ours.
    private readonly bool _isInOurNamespace;
    private QueueSecond _second;
    private TimeSpan _secondBegan;
    private int _depth;
    private int _peak;
    // With the backlog at that moment: by the next tick it may have grown.
    private (int Depth, int Backlog) _peakSinceTick;
    private readonly DropCounter _drops;
    private long _accepts;
    private long _taken;
    private long _turnedAway;
    private int _waitedLong;
    private TimeSpan? _fullSince;
    private TimeSpan _fullTime;
    private TimeSpan? _pausedSince;
    private TimeSpan _lastFailed;
    private StallCause? _trouble;

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
        _drops = new DropCounter(socket.ReadQueue()?.Drops);
    }

    /// <summary>Told at once what an operator should know. Called on the accept loop's or the ticking thread; it must return at once.</summary>
    public event Action<QueueEvent>? Happened;

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
            lock (_lock) return _stallWatch.Cause is null && !(Now - _fullSince >= _options.FullTime);
        }
    }

    private TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    /// <summary>The story so far.</summary>
    public QueueSnapshot Snapshot()
    {
        lock (_lock)
        {
            TimeSpan full = _fullTime + (_fullSince is { } since ? Now - since : TimeSpan.Zero);
            int? backlog = _socket.EffectiveBacklog;
            return new QueueSnapshot(
                Address, Shard, _socket.RequestedBacklog.ToString(), backlog, _depth, _peak,
                Math.Max(_second.Peak, _seconds.TakeLast(SecondsOfLastMinute).Select(second => second.Peak).DefaultIfEmpty().Max()),
                Address.IsUnix ? null : _drops.Total, _seconds.LastOrDefault().Drops,
                _accepts, _turnedAway, new Dictionary<string, long>(_errors), full.TotalSeconds, _stallWatch.Cause,
                _measuresWait ? _waits.Summarize() : null,
                AdviceBeyond(backlog));
        }
    }

    /// <summary>How many connections waited when the queue was last looked at: before the last accept, or at the last tick. Costs nothing.</summary>
    public int LastDepth => Volatile.Read(ref _depth);

    /// <summary>The last five minutes, a second each.</summary>
    public IReadOnlyList<QueueSecond> LastSeconds()
    {
        lock (_lock) return [.. _seconds];
    }

    /// <summary>The server has taken over a connection that was accepted; connections that nobody takes over are a stall.</summary>
    public void Served() => Interlocked.Increment(ref _taken);

    /// <summary>A connection that was served waits again.</summary>
    internal void NotServed() => Interlocked.Decrement(ref _taken);

    /// <summary>Called by the accept loop before it accepts; returns how many wait, where that is known. A Unix queue's reading costs more, and is left to the first of a batch.</summary>
    internal int? BeforeAccept(bool first)
    {
        if (!OperatingSystem.IsLinux() || (Address.IsUnix && !first) || (!first && IsSkipped)) return null;

        QueueReading? reading = Address.IsUnix ? _socket.ReadQueue() : ReadDepth();
        if (reading is not { } read) return null;
        lock (_lock) See(read);
        GrowIfHalfFull(read.Depth, read.Backlog);
        return read.Depth;
    }

    /// <summary>Called by the accept loop for each connection it has accepted; returns how long it waited, where that is measured.</summary>
    internal TimeSpan? Accepted(int connection)
    {
        TimeSpan? wait = _measuresWait && !IsSkipped ? TimeSpan.FromMilliseconds(TcpInfo.Read(connection).LastDataSent) : null;
        lock (_lock)
        {
            _accepts++;
            _second = _second with { Accepts = _second.Accepts + 1 };
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
            _accepts++;
            _turnedAway++;
            _second = _second with { Accepts = _second.Accepts + 1 };
        }
    }

    /// <summary>Called by the accept loop, again and again, while connections wait because the limit is reached, or are turned away for it.</summary>
    internal void LimitReached(int max, bool turnsAway)
    {
        lock (_lock)
        {
            _lastFailed = Now;
            if (_trouble is not null) return;
            _pausedSince = Now;
            _trouble = StallCause.ConnectionLimit;
        }
        Happened?.Invoke(new QueueEvent.LimitReached(_socket.Name, max, turnsAway));
    }

    /// <summary>Called by the accept loop for each accept that failed, the harmless ones too.</summary>
    internal void AcceptFailed(string error, AcceptOutcome outcome)
    {
        lock (_lock)
        {
            _errors[error] = _errors.GetValueOrDefault(error) + 1;
            if (outcome == AcceptOutcome.OutOfResources) _lastFailed = Now;
            if (outcome == AcceptOutcome.TryNext || _trouble is not null) return;
            if (outcome == AcceptOutcome.OutOfResources) _pausedSince = Now;
            _trouble = outcome == AcceptOutcome.OutOfResources ? StallCause.OutOfResources : StallCause.Broken;
        }
        Happened?.Invoke(outcome == AcceptOutcome.OutOfResources
            ? new QueueEvent.AcceptPaused(_socket.Name, error)
            : new QueueEvent.AcceptBroken(_socket.Name, error));
    }

    /// <summary>Called by <see cref="ListenQueues"/>, four times a second.</summary>
    /// <param name="readListenDrops">Reads <c>ListenDrops</c> of this process's network namespace.</param>
    internal void Tick(Func<long?> readListenDrops)
    {
        QueueReading? reading = _socket.ReadQueue();
        long? listenDrops = _isInOurNamespace ? readListenDrops() : null;
        QueueEvent? drops, stall;
        QueueEvent.AcceptGoesOn? goesOn;
        long dropped;
        lock (_lock)
        {
            if (reading is { } read) See(read);
            dropped = _drops.Add(reading?.Drops, listenDrops, QueueEvent.WasFull(_peakSinceTick.Depth, _peakSinceTick.Backlog));
            _second = _second with { Drops = _second.Drops + dropped };
            drops = _dropWatch.Tick(Now, dropped, _peakSinceTick, reading?.Backlog ?? 0, () => SomaxConn.For(_socket.Socket));
            stall = _stallWatch.Tick(Now, _depth, _accepts, Interlocked.Read(ref _taken), _trouble, _waitedLong);
            _waitedLong = 0;
            goesOn = EndOfPause();
            _peakSinceTick = (_depth, reading?.Backlog ?? 0);
            CloseSecond(reading?.Backlog ?? 0);
        }
        if (drops is not null) Happened?.Invoke(drops);
        if (stall is not null) Happened?.Invoke(stall);
        if (goesOn is not null) Happened?.Invoke(goesOn);
        if (dropped > 0) Grow();
        else if (reading is { } queue) GrowIfHalfFull(queue.Depth, queue.Backlog);
        RaiseBacklog();
    }

    // Advice that was followed, by a live resize or an automatic backlog, is none any more.
    private BacklogAdvice? AdviceBeyond(int? backlog)
    {
        (long drops, int peak) = _dropWatch.Worst;
        if (drops == 0) return null;
        BacklogAdvice advice = BacklogAdvice.For(peak, drops, SomaxConn.For(_socket.Socket), Shard?.Count ?? 1);
        return advice.Backlog <= backlog ? null : advice;
    }

    private bool IsSkipped => _depth > Many && _accepts % SampledOf != 0;

    private QueueReading ReadDepth()
    {
        TcpInfo info = TcpInfo.Read(_socket.Socket);
        return new QueueReading((int)info.Unacked, (int)info.Sacked, null);
    }

    private void See(QueueReading reading)
    {
        _depth = reading.Depth;
        _peak = Math.Max(_peak, reading.Depth);
        if (reading.Depth >= _peakSinceTick.Depth) _peakSinceTick = (reading.Depth, reading.Backlog);
        if (reading.Depth > _second.Peak) _second = _second with { Peak = reading.Depth };

        if (reading.IsFull) _fullSince ??= Now;
        else if (_fullSince is { } since)
        {
            _fullTime += Now - since;
            _fullSince = null;
        }
    }

    private void CloseSecond(int backlog)
    {
        if (Now - _secondBegan < TimeSpan.FromSeconds(1)) return;
        if (_seconds.Count == SecondsKept) _seconds.Dequeue();
        _seconds.Enqueue(_second with { Time = DateTimeOffset.UtcNow, Backlog = backlog });
        _second = new QueueSecond { Peak = _depth };
        _secondBegan = Now;
    }

    private QueueEvent.AcceptGoesOn? EndOfPause()
    {
        if (_pausedSince is not { } since || Now - _lastFailed < QuietAfterPause) return null;
        _pausedSince = null;
        _trouble = null;
        return new QueueEvent.AcceptGoesOn(_socket.Name, _lastFailed - since);
    }

    // Before it is full: while the accept loop's thread does not run, nobody can grow it.
    private void GrowIfHalfFull(int depth, int backlog)
    {
        if (_socket.RequestedBacklog.IsAuto && depth > backlog / 2) Grow();
    }

    private void Grow()
    {
        int before = _socket.EffectiveBacklog ?? 0;
        if (_socket.Grow()) Happened?.Invoke(new QueueEvent.BacklogGrew(_socket.Name, before, _socket.DescribeBacklog()));
    }

    private void RaiseBacklog()
    {
        int before = _socket.EffectiveBacklog ?? 0;
        if (_socket.ApplyRaisedCap()) Happened?.Invoke(new QueueEvent.BacklogRaised(_socket.Name, before, _socket.DescribeBacklog()));
    }
}
