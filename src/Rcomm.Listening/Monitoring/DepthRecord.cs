namespace Rcomm.Listening.Monitoring;

/// <summary>What the readings of one queue have shown: the depth, the peaks, and how long it was full. Not thread-safe: its monitor locks.</summary>
internal sealed class DepthRecord
{
    private int _depth;
    private int _backlog;
    private TimeSpan? _fullSince;
    private TimeSpan _fullTime;

    /// <summary>The depth at the last reading; any thread may ask.</summary>
    public int Depth => Volatile.Read(ref _depth);

    /// <summary>The most that have waited so far.</summary>
    public int Peak { get; private set; }

    /// <summary>The most since the last tick, with the backlog at that moment: by the next tick it may have grown.</summary>
    public (int Depth, int Backlog) PeakSinceTick { get; private set; }

    /// <summary>True where it was full at the last reading.</summary>
    public bool IsFull => _fullSince is not null;

    /// <summary>So many wait, in the kernel's queue and accepted ahead.</summary>
    public void Add(int depth)
    {
        Volatile.Write(ref _depth, depth);
        Peak = Math.Max(Peak, depth);
        if (depth >= PeakSinceTick.Depth) PeakSinceTick = (depth, _backlog);
    }

    /// <summary>Some of those that waited were accepted.</summary>
    public void FallTo(int depth) => Volatile.Write(ref _depth, depth);

    /// <summary>Notes whether the kernel's queue is full.</summary>
    public void Add(QueueReading reading, TimeSpan now)
    {
        _backlog = reading.Backlog;
        if (reading.IsFull) _fullSince ??= now;
        else if (_fullSince is { } since)
        {
            _fullTime += now - since;
            _fullSince = null;
        }
    }

    /// <summary>A tick is over: the next one's peak begins with the depth as it is.</summary>
    public void BeginTick(int backlog) => PeakSinceTick = (_depth, backlog);

    /// <summary>How long the queue was seen full so far.</summary>
    public TimeSpan FullTime(TimeSpan now) => _fullTime + FullFor(now);

    /// <summary>How long it has been full now; zero where it isn't.</summary>
    public TimeSpan FullFor(TimeSpan now) => _fullSince is { } since ? now - since : TimeSpan.Zero;
}
