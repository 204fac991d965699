namespace Rcomm.Listening.Accepting;

/// <summary>
/// A bound on open connections, shared by the accept loops of a server. Past it, connections wait in the listen queue, or are turned away
/// where the loop is told how (<see cref="AcceptLoop"/>).
/// </summary>
public sealed class ConnectionLimit
{
    private readonly object _changed = new();
    private readonly List<Func<bool>> _holders = [];
    // Places that are held for connections to come included.
    private int _open;

    /// <summary>A limit of so many connections.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public ConnectionLimit(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        Max = max;
    }

    /// <summary>The most connections that may be open at once.</summary>
    public int Max { get; }

    /// <summary>Makes room again: a connection that was accepted has ended.</summary>
    internal void Leave() => Leave(1);

    /// <summary>Gives several places back.</summary>
    internal void Leave(int places)
    {
        lock (_changed)
        {
            _open -= places;
            if (_open < Max) Monitor.PulseAll(_changed);
        }
    }

    /// <summary>Takes a place; false where none became free in that time.</summary>
    internal bool TryEnter(TimeSpan wait)
    {
        lock (_changed)
        {
            if (_open >= Max && (wait == TimeSpan.Zero || !Monitor.Wait(_changed, wait) || _open >= Max)) return false;
            _open++;
            return true;
        }
    }

    /// <summary>Takes a place past the limit.</summary>
    internal void EnterAnyway()
    {
        lock (_changed) _open++;
    }

    /// <summary>Notes somebody who holds places for connections to come (<see cref="Hold"/>).</summary>
    /// <param name="recall">Has it give them back soon; false where it holds none.</param>
    internal void AddHolder(Func<bool> recall)
    {
        lock (_changed) _holders.Add(recall);
    }

    /// <summary>Forgets it.</summary>
    internal void RemoveHolder(Func<bool> recall)
    {
        lock (_changed) _holders.Remove(recall);
    }

    /// <summary>Takes several places: at most a holder's share of those that are free, and none where that is below the least.</summary>
    internal int Hold(int least, int most)
    {
        lock (_changed)
        {
            int places = Math.Min(most, (Max - _open) / _holders.Count);
            if (places < least) return 0;
            _open += places;
            return places;
        }
    }

    /// <summary>Asks for the places back that are held; true where some will come.</summary>
    internal bool RecallHeld()
    {
        Func<bool>[] holders;
        lock (_changed) holders = [.. _holders];
        bool some = false;
        foreach (Func<bool> recall in holders) some |= recall();
        return some;
    }
}
