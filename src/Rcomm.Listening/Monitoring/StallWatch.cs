namespace Rcomm.Listening;

/// <summary>Notices that connections wait while none makes progress, and says so once, and once more when it is over.</summary>
internal sealed class StallWatch(string queue, TimeSpan stallTime)
{
    private TimeSpan _progressed;
    private TimeSpan _lastTick;
    private long _accepts;
    private long _taken;

    /// <summary>Why connections wait; null where they do not.</summary>
    public StallCause? Cause { get; private set; }

    /// <summary>Adds what a tick saw; the event to tell, where there is one.</summary>
    /// <param name="now">Time since the start.</param>
    /// <param name="depth">Connections in the kernel's queue.</param>
    /// <param name="accepts">Connections accepted so far.</param>
    /// <param name="taken">Of them, those the server has taken over.</param>
    /// <param name="known">The cause where the accept loop knows one.</param>
    public QueueEvent? Tick(TimeSpan now, int depth, long accepts, long taken, StallCause? known)
    {
        TimeSpan sinceLastTick = now - _lastTick;
        _lastTick = now;
        int waiting = depth + (int)(accepts - taken);
        // In the kernel's queue only accepting is progress; behind it, only being taken over.
        bool moves = waiting == 0 || (depth > 0 ? accepts > _accepts : taken > _taken);
        (_accepts, _taken) = (accepts, taken);

        // The tick itself was late: whatever waits, waited for the whole process.
        if (sinceLastTick > stallTime && waiting > 0 && Cause is null)
        {
            Cause = StallCause.ProcessPaused;
            return new QueueEvent.Stalled(queue, waiting, sinceLastTick, StallCause.ProcessPaused);
        }
        if (moves)
        {
            TimeSpan after = now - _progressed;
            _progressed = now;
            if (Cause is null) return null;
            Cause = null;
            return new QueueEvent.StallEnded(queue, after);
        }
        if (Cause is not null || now - _progressed < stallTime) return null;

        Cause = known ?? (depth == 0 ? StallCause.ThreadPoolStarved : StallCause.Unknown);
        return new QueueEvent.Stalled(queue, waiting, now - _progressed, Cause.Value);
    }
}
