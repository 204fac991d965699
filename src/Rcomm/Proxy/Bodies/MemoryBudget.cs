namespace Rcomm.Proxy.Bodies;

/// <summary>The memory shared by the buffered bodies of all requests.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private long _left = bytes;

    public bool TryTake(int count)
    {
        if (Interlocked.Add(ref _left, -count) >= 0) return true;
        Interlocked.Add(ref _left, count);
        return false;
    }

    public void GiveBack(int count) => Interlocked.Add(ref _left, count);
}
