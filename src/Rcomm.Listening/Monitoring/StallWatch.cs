namespace Rcomm.Listening.Monitoring;

/// <summary>The progress of connections from the listen queue to the server.</summary>
/// <param name="Depth">Connections in the listen queue.</param>
/// <param name="Accepts">Connections accepted so far.</param>
/// <param name="Served">The accepted connections that the server has begun to work on.</param>
internal readonly record struct QueueProgress(int Depth, long Accepts, long Served)
{
    /// <summary>Gets the connections accepted since the last tick that had waited at least as long as a stall.</summary>
    public int WaitedLong { get; init; }

    /// <summary>Gets the cause, if the accept loop knows one.</summary>
    public StallCause? KnownCause { get; init; }
}

/// <summary>Detects that connections wait while none makes progress. Reports the start, the cause and the end of a stall once each.</summary>
/// <param name="queue">The queue's name.</param>
/// <param name="stallTime">How long they must wait.</param>
/// <param name="readProcessorTime">Reads the processor time used by this process; null for <see cref="Environment.CpuUsage"/>.</param>
internal sealed class StallWatch(string queue, TimeSpan stallTime, Func<TimeSpan>? readProcessorTime = null)
{
    // Blocked handlers use hardly any processor time. The share is low because other processes may use the processors too.
    private const double BusyShare = 0.25;

    private readonly Func<TimeSpan> _readProcessorTime = readProcessorTime ?? (static () => Environment.CpuUsage.TotalTime);
    private TimeSpan _processorTime;
    private TimeSpan _lastTick;
    private TimeSpan _lastAccept;
    private TimeSpan _resumed;
    private long _accepts;
    // When all connections accepted until then were last served, and how many must be served for that to be true again.
    private TimeSpan _lastServed;
    private long _due;

    /// <summary>Why connections wait; null if none do.</summary>
    public StallCause? Cause { get; private set; }

    /// <summary>Adds the numbers of a tick. Returns an event if there is one.</summary>
    /// <param name="now">Time since the start.</param>
    /// <param name="progress">The progress of connections.</param>
    public QueueEvent? Tick(TimeSpan now, in QueueProgress progress)
    {
        (int depth, long accepts, long served) = progress;
        TimeSpan sinceLastTick = now - _lastTick;
        _lastTick = now;
        int waiting = depth + (int)(accepts - served);
        TimeSpan last = LastProgress;
        if (depth == 0 || accepts > _accepts) _lastAccept = now;
        // A starved thread pool still serves a few connections while others wait, so all earlier ones must be served.
        if (served >= _due) (_lastServed, _due) = (now, accepts);
        _accepts = accepts;
        bool moves = LastProgress > last;
        if (moves) _processorTime = _readProcessorTime();

        // The tick itself was late, so the whole process was paused. The accept loop may have run again before this thread.
        if (sinceLastTick > stallTime && waiting + progress.WaitedLong > 0 && Cause is null)
        {
            (Cause, _resumed) = (StallCause.ProcessPaused, now);
            return new QueueEvent.Stalled(queue, waiting + progress.WaitedLong, sinceLastTick, StallCause.ProcessPaused);
        }
        if (Cause is not null && moves)
        {
            Cause = null;
            return new QueueEvent.StallEnded(queue, now - last);
        }
        // A process that runs again and still makes no progress has another cause to report.
        if (Cause is not null && (Cause != StallCause.ProcessPaused || now - _resumed < stallTime)) return null;
        if (now - LastProgress < stallTime) return null;

        Cause = progress.KnownCause
            ?? (_lastServed >= _lastAccept ? StallCause.Unknown : IsBusy(now) ? StallCause.ProcessorsBusy : StallCause.ThreadPoolStarved);
        return new QueueEvent.Stalled(queue, waiting, now - LastProgress, Cause.Value);
    }

    private bool IsBusy(TimeSpan now) => _readProcessorTime() - _processorTime > (now - LastProgress) * BusyShare * Environment.ProcessorCount;

    private TimeSpan LastProgress => _lastAccept < _lastServed ? _lastAccept : _lastServed;
}
