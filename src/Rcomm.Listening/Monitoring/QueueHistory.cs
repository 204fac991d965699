namespace Rcomm.Listening.Monitoring;

/// <summary>The last five minutes of one queue, a second each. Not thread-safe: its monitor locks.</summary>
internal sealed class QueueHistory
{
    private const int SecondsKept = 300;
    private const int SecondsOfLastMinute = 60;

    private readonly Queue<QueueSecond> _seconds = new(SecondsKept);
    private QueueSecond _current;
    private TimeSpan _currentBegan;

    /// <summary>The seconds that are over, the oldest first.</summary>
    public IReadOnlyList<QueueSecond> Seconds => [.. _seconds];

    /// <summary>Handshakes lost in the last whole second.</summary>
    public long DropsOfLastSecond => _seconds.LastOrDefault().Drops;

    /// <summary>The most that have waited in the last minute.</summary>
    public int PeakOfLastMinute =>
        Math.Max(_current.Peak, _seconds.TakeLast(SecondsOfLastMinute).Select(second => second.Peak).DefaultIfEmpty().Max());

    /// <summary>The queue was this deep.</summary>
    public void AddDepth(int depth)
    {
        if (depth > _current.Peak) _current = _current with { Peak = depth };
    }

    /// <summary>A connection was accepted.</summary>
    public void AddAccept() => _current = _current with { Accepts = _current.Accepts + 1 };

    /// <summary>So many handshakes were lost.</summary>
    public void AddDrops(long drops) => _current = _current with { Drops = _current.Drops + drops };

    /// <summary>Ends the current second where it is over.</summary>
    public void Tick(TimeSpan now, int depth, int backlog, int capacity)
    {
        if (now - _currentBegan < TimeSpan.FromSeconds(1)) return;
        if (_seconds.Count == SecondsKept) _seconds.Dequeue();
        _seconds.Enqueue(_current with { Time = DateTimeOffset.UtcNow, Backlog = backlog, Capacity = capacity });
        _current = new QueueSecond { Peak = depth };
        _currentBegan = now;
    }
}
