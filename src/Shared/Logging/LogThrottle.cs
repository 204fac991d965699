namespace Rcomm.Shared.Logging;

/// <summary>Limits how often a line is logged, and counts what it is about. Safe for use by several threads.</summary>
internal sealed class LogThrottle(TimeSpan interval)
{
    private readonly long _interval = (long)interval.TotalMilliseconds;
    private long _last = long.MinValue / 2;
    private long _count;

    /// <summary>Counts an occurrence. Returns whether a line is due.</summary>
    /// <param name="count">If a line is due, the occurrences since the last line, this one included.</param>
    public bool TryTake(out long count) => TryTake(1, out count);

    /// <summary>Counts several occurrences. Returns whether a line is due.</summary>
    public bool TryTake(long occurrences, out long count)
    {
        Interlocked.Add(ref _count, occurrences);
        long now = Environment.TickCount64, last = Interlocked.Read(ref _last);
        bool isDue = now - last >= _interval && Interlocked.CompareExchange(ref _last, now, last) == last;
        count = isDue ? Interlocked.Exchange(ref _count, 0) : 0;
        return isDue;
    }
}
