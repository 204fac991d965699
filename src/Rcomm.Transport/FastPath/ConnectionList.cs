namespace Rcomm.Transport.FastPath;

/// <summary>
/// Connections of one loop that wait for the same thing, longest wait first. Used by the loop's thread only. A connection is in at most one list.
/// </summary>
internal sealed class ConnectionList(ConnectionTable table)
{
    /// <summary>The descriptor of no connection.</summary>
    public const int None = -1;

    private int _last = None;

    /// <summary>The descriptor that has waited longest; -1 if the list is empty.</summary>
    public int First { get; private set; } = None;

    public int Count { get; private set; }

    /// <summary>Appends a connection, and removes it from the list it was in.</summary>
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
