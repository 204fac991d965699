namespace Rcomm.Transport.FastPath;

/// <summary>The connections of one loop by what they wait for, with the bytes they sent. Used by the loop's thread only.</summary>
internal sealed class WaitingConnections(ConnectionTable table)
{
    private const int None = ConnectionList.None;
    private static readonly long MinIdleTime = (long)IdleEviction.MinIdleTime.TotalMilliseconds;
    private static readonly long MinSilentTime = (long)IdleEviction.MinSilentTime.TotalMilliseconds;

    private readonly ConnectionList _idle = new(table);
    private readonly ConnectionList _heads = new(table);
    private readonly ConnectionList _requests = new(table);

    public int Count => _idle.Count + _heads.Count + _requests.Count;

    /// <summary>The longest-waiting request for a place in Kestrel; -1 for none.</summary>
    public int FirstRequest => _requests.First;

    /// <summary>Lists a connection as waiting for a request.</summary>
    public void Idle(int descriptor, long now)
    {
        table[descriptor].Held = null;
        _idle.Add(descriptor, now);
    }

    /// <summary>Holds a partial request head until the rest arrives, in little more memory than its bytes.</summary>
    public void HoldHead(int descriptor, ReadOnlySpan<byte> received, long now)
    {
        ref FastPathConnection connection = ref table[descriptor];
        connection.Held = received.ToArray();
        // The timeout runs from the first byte.
        if (connection.List != _heads) _heads.Add(descriptor, now);
    }

    /// <summary>Holds a request until there is a place in Kestrel.</summary>
    public void HoldRequest(int descriptor, ReadOnlySpan<byte> received, long now)
    {
        table[descriptor].Held = received.ToArray();
        _requests.Add(descriptor, now);
    }

    public bool IsRequest(int descriptor) => table[descriptor].List == _requests;

    public bool IsHead(int descriptor) => table[descriptor].List == _heads;

    /// <summary>Removes a connection from its list. The held bytes stay.</summary>
    public void Remove(int descriptor) => table[descriptor].List?.Remove(descriptor);

    /// <summary>Returns a connection whose idle or header timeout has passed; -1 for none.</summary>
    public int NextExpired(long now)
    {
        if (_idle.First is not None and int idle && now - table[idle].Since >= table[idle].Listener!.IdleTimeout) return idle;
        return _heads.First is not None and int head && now - table[head].Since >= table[head].Listener!.HeaderTimeout ? head : None;
    }

    /// <summary>Returns connections that may be closed to make room for new ones, longest idle first.</summary>
    public int[] LongestIdle(int max, long now)
    {
        IEnumerable<int> idle = All(_idle)
            .TakeWhile(descriptor => now - table[descriptor].Since >= MinIdleTime)
            .Where(descriptor => table[descriptor].HadRequest || now - table[descriptor].Since >= MinSilentTime);
        IEnumerable<int> slow = All(_heads).TakeWhile(descriptor => now - table[descriptor].Since >= MinSilentTime);
        return [.. idle.Concat(slow).Take(max)];
    }

    /// <summary>Returns all connections of a listener; of every listener if null.</summary>
    public int[] Of(FastPathListener? listener) =>
        [.. All(_idle).Concat(All(_heads)).Concat(All(_requests)).Where(descriptor => listener is null || table[descriptor].Listener == listener)];

    private IEnumerable<int> All(ConnectionList list)
    {
        for (int descriptor = list.First; descriptor != None; descriptor = table[descriptor].Next) yield return descriptor;
    }
}
