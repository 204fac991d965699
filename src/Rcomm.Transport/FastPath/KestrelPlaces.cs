namespace Rcomm.Transport.FastPath;

/// <summary>
/// Limits how many of the fast path's connections Kestrel has at the same time. A connection takes many times the memory there, so further requests
/// wait on the fast path, as long as it takes. They also wait while the heap is nearly full, because an OutOfMemoryException may end Kestrel's own
/// loop.
/// </summary>
/// <param name="max">The maximum; null for no limit, whatever the size of the heap.</param>
internal sealed class KestrelPlaces(int? max)
{
    // The usable share of the heap. The rest is for requests that are being answered.
    private const double UsableHeap = 0.7;
    private const long CollectInterval = 250;

    private readonly long _usable = max is null ? long.MaxValue : (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * UsableHeap);
    private long _collectedAt = long.MinValue / 2;
    private int _taken;
    private int _waiting;

    /// <summary>Called on any thread when a place becomes free while requests wait.</summary>
    public event Action? Freed;

    public int? Max => max;

    /// <summary>Whether requests wait for a place.</summary>
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

    /// <summary>Takes a place even if none is free.</summary>
    public void Enter() => Interlocked.Increment(ref _taken);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _taken) < (max ?? 0) && AreWaitedFor) Freed?.Invoke();
    }

    /// <summary>Counts one more waiting request. The caller must then try again, in case a place became free in between.</summary>
    public void BeginWaiting() => Interlocked.Increment(ref _waiting);

    public void EndWaiting() => Interlocked.Decrement(ref _waiting);

    // Waiting requests must not allocate anything that would trigger a collection.
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
