namespace Rcomm.Listening.Monitoring;

/// <summary>Notices that connections wait while none makes progress, and says so once, and once more when it is over.</summary>
/// <param name="queue">The queue's name.</param>
/// <param name="stallTime">How long they have to wait.</param>
/// <param name="readProcessorTime">Reads the processor time that this process has used; null for <see cref="Environment.CpuUsage"/>.</param>
internal sealed class StallWatch(string queue, TimeSpan stallTime, Func<TimeSpan>? readProcessorTime = null)
{
    // Handlers that block use hardly any processor time; where others want the processors too, less than all of them is left.
    private const double BusyShare = 0.25;

    private readonly Func<TimeSpan> _readProcessorTime = readProcessorTime ?? (static () => Environment.CpuUsage.TotalTime);
    private TimeSpan _processorTime;
    private TimeSpan _lastTick;
    private TimeSpan _lastAccept;
    private long _accepts;
    // When everything that had been accepted was last served, and how many must be served by now for it to be so again.
    private TimeSpan _lastServed;
    private long _due;

    /// <summary>Why connections wait; null where they do not.</summary>
    public StallCause? Cause { get; private set; }

    /// <summary>Adds what a tick saw; the event to tell, where there is one.</summary>
    /// <param name="now">Time since the start.</param>
    /// <param name="depth">Connections in the kernel's queue.</param>
    /// <param name="accepts">Connections accepted so far.</param>
    /// <param name="served">Of them, those the server began to work on.</param>
    /// <param name="known">The cause where the accept loop knows one.</param>
    /// <param name="waitedLong">Connections accepted since the last tick that had waited as long as a stall lasts.</param>
    public QueueEvent? Tick(TimeSpan now, int depth, long accepts, long served, StallCause? known, int waitedLong = 0)
    {
        TimeSpan sinceLastTick = now - _lastTick;
        _lastTick = now;
        int waiting = depth + (int)(accepts - served);
        TimeSpan last = LastProgress;
        if (depth == 0 || accepts > _accepts) _lastAccept = now;
        // A starved thread pool still serves one now and then while others wait: what counts is that those before it are served.
        if (served >= _due) (_lastServed, _due) = (now, accepts);
        _accepts = accepts;
        bool moves = LastProgress > last;
        if (moves) _processorTime = _readProcessorTime();

        // The tick itself was late: whatever waits, waited for the whole process. The accept loop may have been the first to go on.
        if (sinceLastTick > stallTime && waiting + waitedLong > 0 && Cause is null)
        {
            Cause = StallCause.ProcessPaused;
            return new QueueEvent.Stalled(queue, waiting + waitedLong, sinceLastTick, StallCause.ProcessPaused);
        }
        if (Cause is not null)
        {
            if (!moves) return null;
            Cause = null;
            return new QueueEvent.StallEnded(queue, now - last);
        }
        if (now - LastProgress < stallTime) return null;

        Cause = known ?? (_lastServed >= _lastAccept ? StallCause.Unknown : IsBusy(now) ? StallCause.ProcessorsBusy : StallCause.ThreadPoolStarved);
        return new QueueEvent.Stalled(queue, waiting, now - LastProgress, Cause.Value);
    }

    private bool IsBusy(TimeSpan now) => _readProcessorTime() - _processorTime > (now - LastProgress) * BusyShare * Environment.ProcessorCount;

    private TimeSpan LastProgress => _lastAccept < _lastServed ? _lastAccept : _lastServed;
}
