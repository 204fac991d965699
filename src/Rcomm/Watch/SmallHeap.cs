namespace Rcomm.Watch;

/// <summary>
/// Keeps a watch's memory small: each reading creates the same short-lived records, and the collector would let megabytes of them accumulate.
/// </summary>
internal sealed class SmallHeap
{
    private const long MaxGarbage = 1 << 20;
    private static readonly TimeSpan CompactInterval = TimeSpan.FromMinutes(1);

    private TimeSpan? _compacted;
    private long _allocated;

    /// <summary>Call it after each reading: collects the garbage, and once a minute returns free memory to the system.</summary>
    public void Trim(TimeSpan now)
    {
        if (_compacted is null || now - _compacted >= CompactInterval)
        {
            _compacted = now;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        else if (GC.GetTotalAllocatedBytes() - _allocated >= MaxGarbage)
        {
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        }
        else
        {
            return;
        }
        _allocated = GC.GetTotalAllocatedBytes();
    }
}
