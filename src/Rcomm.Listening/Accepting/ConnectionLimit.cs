namespace Rcomm.Listening.Accepting;

/// <summary>
/// Limits the open connections of a server across its accept loops. Further connections wait in the listen queue, or are turned away (see
/// <see cref="AcceptLoop"/>).
/// </summary>
public sealed class ConnectionLimit
{
    private readonly object _changed = new();
    private readonly List<Func<bool>> _holders = [];
    // Includes places held for future connections.
    private int _open;

    /// <summary>Initializes a limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is below 1.</exception>
    public ConnectionLimit(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        Max = max;
    }

    /// <summary>Gets the maximum number of open connections.</summary>
    public int Max { get; }

    /// <summary>Gives up the place of a connection that has ended.</summary>
    internal void Leave() => Leave(1);

    internal void Leave(int places)
    {
        lock (_changed)
        {
            _open -= places;
            if (_open < Max) Monitor.PulseAll(_changed);
        }
    }

    /// <summary>Takes a place. Returns false if none becomes free in time.</summary>
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

    /// <summary>Adds a holder of places for future connections (<see cref="Hold"/>).</summary>
    /// <param name="recall">Asks the holder to give its places back soon; false if it holds none.</param>
    internal void AddHolder(Func<bool> recall)
    {
        lock (_changed) _holders.Add(recall);
    }

    internal void RemoveHolder(Func<bool> recall)
    {
        lock (_changed) _holders.Remove(recall);
    }

    /// <summary>
    /// Holds up to <paramref name="most"/> places, within the holder's share of the free ones. Returns 0 if that is below <paramref name="least"/>.
    /// </summary>
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

    /// <summary>Asks the holders to give back their places. Returns true if some will.</summary>
    internal bool RecallHeld()
    {
        Func<bool>[] holders;
        lock (_changed) holders = [.. _holders];
        bool some = false;
        foreach (Func<bool> recall in holders) some |= recall();
        return some;
    }
}
