namespace Rcomm.Transport.FastPath;

/// <summary>The connections of one loop by what they wait for, with what they sent. Used by the loop's thread alone.</summary>
internal sealed class WaitingConnections(ConnectionTable table)
{
    // In milliseconds. A client that was just answered is often about to ask again; one that has not sent a whole request head yet may be slow.
    private const int MinIdleTime = 100;
    private const int MinSilentTime = 10_000;
    private const int None = -1;

    private readonly ConnectionList _idle = new(table);
    private readonly ConnectionList _heads = new(table);
    private readonly ConnectionList _requests = new(table);

    public int Count => _idle.Count + _heads.Count + _requests.Count;

    /// <summary>The longest waiting of those whose request waits for a place in Kestrel; -1 for none.</summary>
    public int FirstRequest => _requests.First;

    /// <summary>It waits for a request.</summary>
    public void Idle(int descriptor, long now)
    {
        table[descriptor].Held = null;
        _idle.Add(descriptor, now);
    }

    /// <summary>It waits for the rest of a request head: no buffer is kept for it, and what it costs is near its bytes.</summary>
    public void HoldHead(int descriptor, ReadOnlySpan<byte> received, long now)
    {
        ref FastPathConnection connection = ref table[descriptor];
        connection.Held = received.ToArray();
        // Its time began with the first of its bytes.
        if (connection.List != _heads) _heads.Add(descriptor, now);
    }

    /// <summary>Its request waits for a place in Kestrel.</summary>
    public void HoldRequest(int descriptor, ReadOnlySpan<byte> received, long now)
    {
        table[descriptor].Held = received.ToArray();
        _requests.Add(descriptor, now);
    }

    public bool IsRequest(int descriptor) => table[descriptor].List == _requests;

    public bool IsHead(int descriptor) => table[descriptor].List == _heads;

    /// <summary>Forgets it; it keeps what was held.</summary>
    public void Remove(int descriptor) => table[descriptor].List?.Remove(descriptor);

    /// <summary>One that has sent no request for longer than it may, or not the whole head of one; -1 for none.</summary>
    public int NextExpired(long now)
    {
        if (_idle.First is not None and int idle && now - table[idle].Since >= table[idle].Listener!.IdleTimeout) return idle;
        return _heads.First is not None and int head && now - table[head].Since >= table[head].Listener!.HeaderTimeout ? head : None;
    }

    /// <summary>Those that may be closed to make room for new ones, the longest idle first.</summary>
    public int[] LongestIdle(int max, long now)
    {
        IEnumerable<int> idle = All(_idle)
            .TakeWhile(descriptor => now - table[descriptor].Since >= MinIdleTime)
            .Where(descriptor => table[descriptor].HadRequest || now - table[descriptor].Since >= MinSilentTime);
        IEnumerable<int> slow = All(_heads).TakeWhile(descriptor => now - table[descriptor].Since >= MinSilentTime);
        return [.. idle.Concat(slow).Take(max)];
    }

    /// <summary>All of a listener's; of every listener where that is null.</summary>
    public int[] Of(FastPathListener? listener) =>
        [.. All(_idle).Concat(All(_heads)).Concat(All(_requests)).Where(descriptor => listener is null || table[descriptor].Listener == listener)];

    private IEnumerable<int> All(ConnectionList list)
    {
        for (int descriptor = list.First; descriptor != None; descriptor = table[descriptor].Next) yield return descriptor;
    }
}
