namespace Rcomm.Listening.Monitoring;

/// <summary>Notices that connections wait while none makes progress, and says so once, and once more when it is over.</summary>
internal sealed class StallWatch(string queue, TimeSpan stallTime)
{
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

        Cause = known ?? (_lastServed < _lastAccept ? StallCause.ThreadPoolStarved : StallCause.Unknown);
        return new QueueEvent.Stalled(queue, waiting, now - LastProgress, Cause.Value);
    }

    private TimeSpan LastProgress => _lastAccept < _lastServed ? _lastAccept : _lastServed;
}
