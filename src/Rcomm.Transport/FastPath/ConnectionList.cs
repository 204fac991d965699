namespace Rcomm.Transport.FastPath;

/// <summary>
/// Connections of one loop that wait for the same thing, the longest first. Used by the loop's thread alone. A connection is in one list at
/// most.
/// </summary>
internal sealed class ConnectionList(ConnectionTable table)
{
    private const int None = -1;

    private int _last = None;

    /// <summary>The one that waits longest; -1 for none.</summary>
    public int First { get; private set; } = None;

    public int Count { get; private set; }

    /// <summary>Puts one at the end, wherever it was.</summary>
    public void Add(int descriptor, long now)
    {
        ref FastPathConnection connection = ref table[descriptor];
        connection.Since = now;
        if (_last == descriptor) return;
        connection.List?.Remove(descriptor);
        (connection.Previous, connection.Next, connection.List) = (_last, None, this);
        if (_last == None) First = descriptor;
        else table[_last].Next = descriptor;
        _last = descriptor;
        Count++;
    }

    public void Remove(int descriptor)
    {
        ref FastPathConnection connection = ref table[descriptor];
        if (connection.Previous == None) First = connection.Next;
        else table[connection.Previous].Next = connection.Next;
        if (connection.Next == None) _last = connection.Previous;
        else table[connection.Next].Previous = connection.Previous;
        connection.List = null;
        Count--;
    }
}
