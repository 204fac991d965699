using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>
/// How many connections the kernel may accept ahead of one accept loop: only those that have a descriptor and a place in the connection limit for certain.
/// The rest waits in the listen queue.
/// </summary>
internal sealed class AcceptAhead : IDisposable
{
    // With fewer the loop accepts one by one: there is next to nothing that could be accepted ahead.
    public const int Min = 64;

    // Descriptors belong to the process: its loops share what is free.
    private static int s_loops;
    private static int s_held;

    private readonly ConnectionLimit? _limit;
    private readonly Func<bool> _recall;
    private int _held;

    /// <param name="limit">Null for no limit.</param>
    /// <param name="recall">Has the loop give back what it holds, soon; false where it holds nothing. Called from any thread.</param>
    public AcceptAhead(ConnectionLimit? limit, Func<bool> recall)
    {
        (_limit, _recall) = (limit, recall);
        Interlocked.Increment(ref s_loops);
        limit?.AddHolder(recall);
    }

    /// <summary>The most that can ever be held.</summary>
    public static int MaxOf(ConnectionLimit? limit) => (int)Math.Min(DescriptorReserve.Usable, limit?.Max ?? int.MaxValue);

    /// <summary>Holds more, at most so many, where there are any; how many.</summary>
    public int Hold(int most)
    {
        if (DescriptorLimit.CountInUse() is not { } inUse) return 0;
        // Of those that are held some may be in use already.
        long free = (DescriptorReserve.Usable - inUse - Volatile.Read(ref s_held)) / Volatile.Read(ref s_loops);
        int more = (int)Math.Clamp(free, 0, most);
        if (more < Min) return 0;
        if (_limit is not null) more = _limit.Hold(Min, more);
        Count(more);
        return more;
    }

    /// <summary>One was accepted and is handed on with its place.</summary>
    public void Use()
    {
        if (_held == 0) _limit?.EnterAnyway();
        else Count(-1);
    }

    /// <summary>The connection to which the last place went is none.</summary>
    public void Unuse() => _limit?.Leave();

    /// <summary>Gives back what is held.</summary>
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
