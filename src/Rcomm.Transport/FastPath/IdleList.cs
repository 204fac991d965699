namespace Rcomm.Transport.FastPath;

/// <summary>The connections of one loop, the longest idle first. Used by the loop's thread alone.</summary>
internal sealed class IdleList(ConnectionTable table)
{
    private const int None = -1;

    private int _last = None;

    /// <summary>The one that is idle longest; -1 for none.</summary>
    public int First { get; private set; } = None;

    public int Count { get; private set; }

    /// <summary>Puts one at the end, wherever it was.</summary>
    public void Touch(int descriptor, long now)
    {
        ref FastPathConnection connection = ref table[descriptor];
        connection.LastUse = now;
        if (_last == descriptor) return;
        Remove(descriptor);
        (connection.Previous, connection.Next, connection.IsListed) = (_last, None, true);
        if (_last == None) First = descriptor;
        else table[_last].Next = descriptor;
        _last = descriptor;
        Count++;
    }

    public void Remove(int descriptor)
    {
        ref FastPathConnection connection = ref table[descriptor];
        if (!connection.IsListed) return;
        if (connection.Previous == None) First = connection.Next;
        else table[connection.Previous].Next = connection.Next;
        if (connection.Next == None) _last = connection.Previous;
        else table[connection.Next].Previous = connection.Previous;
        connection.IsListed = false;
        Count--;
    }
}
