namespace Rcomm.Watch;

/// <summary>
/// Keeps a watch's memory small: it makes the same short-lived records at each look, and left alone the collector lets megabytes of them gather first.
/// </summary>
internal sealed class SmallHeap
{
    private const long MaxGarbage = 1 << 20;
    private static readonly TimeSpan CompactInterval = TimeSpan.FromMinutes(1);

    private TimeSpan? _compacted;
    private long _allocated;

    /// <summary>After a look: collects what has gathered, and once a minute gives the rest back to the system.</summary>
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
