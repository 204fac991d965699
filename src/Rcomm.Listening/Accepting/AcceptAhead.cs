using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>
/// Decides how many connections the kernel may accept ahead of one accept loop: only as many as surely have a descriptor and a place in the
/// connection limit. The rest wait in the listen queue.
/// </summary>
internal sealed class AcceptAhead : IDisposable
{
    // With fewer, the loop accepts connections one by one: accepting so few ahead gains almost nothing.
    public const int Min = 64;

    // Descriptors belong to the process, so its loops share the free ones.
    private static int s_loops;
    private static int s_held;

    private readonly ConnectionLimit? _limit;
    private readonly Func<bool> _recall;
    private int _held;

    /// <param name="limit">The connection limit; null for none.</param>
    /// <param name="recall">Asks the loop to give back soon what it holds; false if it holds nothing. Called from any thread.</param>
    public AcceptAhead(ConnectionLimit? limit, Func<bool> recall)
    {
        (_limit, _recall) = (limit, recall);
        Interlocked.Increment(ref s_loops);
        limit?.AddHolder(recall);
    }

    /// <summary>Returns the maximum that can ever be held.</summary>
    public static int MaxOf(ConnectionLimit? limit) => (int)Math.Min(DescriptorReserve.Usable, limit?.Max ?? int.MaxValue);

    /// <summary>Holds more places, at most <paramref name="most"/>. Returns how many.</summary>
    public int Hold(int most)
    {
        if (DescriptorLimit.CountInUse() is not { } inUse) return 0;
        // Some of the held ones may already be in use, so this is a lower bound.
        long free = (DescriptorReserve.Usable - inUse - Volatile.Read(ref s_held)) / Volatile.Read(ref s_loops);
        int more = (int)Math.Clamp(free, 0, most);
        if (more < Min) return 0;
        if (_limit is not null) more = _limit.Hold(Min, more);
        Count(more);
        return more;
    }

    /// <summary>Uses one place: a connection was accepted and takes it along.</summary>
    public void Use()
    {
        if (_held == 0) _limit?.EnterAnyway();
        else Count(-1);
    }

    /// <summary>Gives back the last place used, since its connection has failed.</summary>
    public void ReleaseUsed() => _limit?.Leave();

    /// <summary>Gives back all held places.</summary>
    public void Return()
    {
        if (_held > 0) _limit?.Leave(_held);
        Count(-_held);
    }

    public void Dispose()
    {
        Return();
        _limit?.RemoveHolder(_recall);
        Interlocked.Decrement(ref s_loops);
    }

    private void Count(int change)
    {
        _held += change;
        Interlocked.Add(ref s_held, change);
    }
}
