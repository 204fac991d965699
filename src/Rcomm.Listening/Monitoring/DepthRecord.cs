namespace Rcomm.Listening.Monitoring;

/// <summary>Records the readings of one queue: its depth, its peaks, and how long it was full. Not thread-safe; its monitor locks.</summary>
internal sealed class DepthRecord
{
    private int _depth;
    private int _backlog;
    private (int Depth, int Backlog) _peakSinceReading;
    private TimeSpan? _fullSince;
    private TimeSpan _fullTime;

    /// <summary>The depth at the last reading. Can be read on any thread.</summary>
    public int Depth => Volatile.Read(ref _depth);

    /// <summary>The peak depth so far.</summary>
    public int Peak { get; private set; }

    /// <summary>The peak depth since the last tick, with the backlog at that moment, which may have grown by the next tick.</summary>
    public (int Depth, int Backlog) PeakSinceTick { get; private set; }

    /// <summary>Whether the queue was full at the last reading.</summary>
    public bool IsFull => _fullSince is not null;

    /// <summary>Records how many connections wait, in the listen queue and accepted ahead.</summary>
    public void Add(int depth)
    {
        Volatile.Write(ref _depth, depth);
        Peak = Math.Max(Peak, depth);
        if (depth >= PeakSinceTick.Depth) PeakSinceTick = (depth, _backlog);
        if (depth >= _peakSinceReading.Depth) _peakSinceReading = (depth, _backlog);
    }

    /// <summary>Records that some of the waiting connections were accepted.</summary>
    public void FallTo(int depth) => Volatile.Write(ref _depth, depth);

    /// <summary>Records whether the listen queue is full.</summary>
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

    /// <summary>Called before the drops of a tick are read. A peak from then on may belong to drops that only the next tick reads.</summary>
    public void BeginReading() => _peakSinceReading = (0, _backlog);

    /// <summary>Starts the next tick. Its peak is at first that since <see cref="BeginReading"/>.</summary>
    public void BeginTick() => PeakSinceTick = _peakSinceReading;

    /// <summary>Returns how long the queue was seen full so far.</summary>
    public TimeSpan FullTime(TimeSpan now) => _fullTime + FullFor(now);

    /// <summary>Returns how long the queue has been full now; zero if it isn't.</summary>
    public TimeSpan FullFor(TimeSpan now) => _fullSince is { } since ? now - since : TimeSpan.Zero;
}
