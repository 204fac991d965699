namespace Rcomm.Transport.FastPath;

/// <summary>
/// How many of the fast path's connections Kestrel may have at once. There one takes many times the memory that it takes here, so that past
/// this number their requests wait here, as long as it takes. So they do while the heap is nearly full: an exception for want of memory may
/// end Kestrel's own loop.
/// </summary>
/// <param name="max">Null for any number, whatever the heap.</param>
internal sealed class KestrelPlaces(int? max)
{
    // Of what the heap may have. The rest is for the requests that are being answered.
    private const double UsableHeap = 0.7;
    private const long CollectInterval = 250;

    private readonly long _usable = max is null ? long.MaxValue : (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * UsableHeap);
    private long _collectedAt = long.MinValue / 2;
    private int _taken;
    private int _waiting;

    /// <summary>Called on any thread when a place has become free and something waits for one.</summary>
    public event Action? Freed;

    public int? Max => max;

    /// <summary>True while requests wait for a place.</summary>
    public bool AreWaitedFor => Volatile.Read(ref _waiting) > 0;

    public bool TryEnter()
    {
        if (max is not null && !HeapHasRoom()) return false;
        int taken = Volatile.Read(ref _taken);
        while (max is null || taken < max)
        {
            int before = Interlocked.CompareExchange(ref _taken, taken + 1, taken);
            if (before == taken) return true;
            taken = before;
        }
        return false;
    }

    /// <summary>Takes a place past the number.</summary>
    public void Enter() => Interlocked.Increment(ref _taken);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _taken) < (max ?? 0) && AreWaitedFor) Freed?.Invoke();
    }

    /// <summary>One waits from now on; whoever says so tries once more afterwards.</summary>
    public void BeginWaiting() => Interlocked.Increment(ref _waiting);

    public void EndWaiting() => Interlocked.Decrement(ref _waiting);

    // While requests wait, nothing may be allocated that would make the collector run.
    private bool HeapHasRoom()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) < _usable) return true;
        long now = Environment.TickCount64, before = Volatile.Read(ref _collectedAt);
        if (now - before >= CollectInterval && Interlocked.CompareExchange(ref _collectedAt, now, before) == before)
            ThreadPool.UnsafeQueueUserWorkItem(_ => Collect(), null);
        return false;
    }

    private void Collect()
    {
        GC.Collect();
        Freed?.Invoke();
    }
}
