namespace Rcomm.Listening.Monitoring;

/// <summary>The last five minutes of one queue, second by second. Not thread-safe; its monitor locks.</summary>
internal sealed class QueueHistory
{
    private const int SecondsKept = 300;
    private const int SecondsOfLastMinute = 60;

    private readonly Queue<QueueSecond> _seconds = new(SecondsKept);
    private QueueSecond _current;
    private TimeSpan _currentBegan;

    /// <summary>The completed seconds, oldest first.</summary>
    public IReadOnlyList<QueueSecond> Seconds => [.. _seconds];

    /// <summary>Handshakes lost in the last completed second.</summary>
    public long DropsOfLastSecond => _seconds.LastOrDefault().Drops;

    /// <summary>The peak depth in the last minute.</summary>
    public int PeakOfLastMinute =>
        Math.Max(_current.Peak, _seconds.TakeLast(SecondsOfLastMinute).Select(second => second.Peak).DefaultIfEmpty().Max());

    public void AddDepth(int depth)
    {
        if (depth > _current.Peak) _current = _current with { Peak = depth };
    }

    public void AddAccept() => _current = _current with { Accepts = _current.Accepts + 1 };

    public void AddDrops(long drops) => _current = _current with { Drops = _current.Drops + drops };

    /// <summary>Completes the current second if it is over.</summary>
    public void Tick(TimeSpan now, int depth, int backlog, int capacity)
    {
        if (now - _currentBegan < TimeSpan.FromSeconds(1)) return;
        if (_seconds.Count == SecondsKept) _seconds.Dequeue();
        _seconds.Enqueue(_current with { Time = DateTimeOffset.UtcNow, Backlog = backlog, Capacity = capacity });
        _current = new QueueSecond { Peak = depth };
        _currentBegan = now;
    }
}
