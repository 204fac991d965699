namespace Rcomm.Listening.Accepting;

/// <summary>
/// A bound on open connections, shared by the accept loops of a server. Past it, connections wait in the listen queue, or are turned away
/// where the loop is told how (<see cref="AcceptLoop"/>).
/// </summary>
public sealed class ConnectionLimit
{
    private readonly object _changed = new();
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
    internal void Leave()
    {
        lock (_changed)
        {
            _open--;
            if (_open < Max) Monitor.Pulse(_changed);
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
}
