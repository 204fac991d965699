using Rcomm.Listening.Accepting;

namespace Rcomm.Transport.FastPath;

/// <summary>A connection on the fast path: all that is kept of it while it is idle. Its descriptor is its place in the <see cref="ConnectionTable"/>.</summary>
internal struct FastPathConnection
{
    /// <summary>Where it is counted; null where the descriptor is not on the fast path.</summary>
    public OpenConnections? Place;

    public FastPathListener? Listener;

    public PeerAddress Peer;

    /// <summary>Tells it from those that had the descriptor before: an event of a former one may be under way.</summary>
    public uint Generation;

    /// <summary>The list of its loop that it is in; null for none.</summary>
    public ConnectionList? List;

    /// <summary>The neighbours in the list; -1 for none.</summary>
    public int Previous, Next;

    /// <summary>What came and is neither answered nor handed over yet; null for nothing.</summary>
    public byte[]? Held;

    /// <summary>Since when it is in the list, as <see cref="Environment.TickCount64"/> tells it.</summary>
    public long Since;

    /// <summary>True where the server has said that it serves it.</summary>
    public bool IsServed;

    /// <summary>True once a request of it was answered.</summary>
    public bool HadRequest;

    /// <summary>
    /// True where an event may tell of what was read with an earlier request: then what is read next may have been sent later than the
    /// event.
    /// </summary>
    public bool EventsAreLate;
}

/// <summary>The connections on the fast path by their descriptors. One is touched by whoever adds it, then by its loop alone; it never moves.</summary>
internal sealed class ConnectionTable
{
    private const int ChunkSize = 1024;

    private readonly Lock _growing = new();
    private FastPathConnection[]?[] _chunks = new FastPathConnection[16][];

    public ref FastPathConnection this[int descriptor] => ref _chunks[descriptor / ChunkSize]![descriptor % ChunkSize];

    /// <summary>The place of a descriptor, made where it is not there yet.</summary>
    public ref FastPathConnection Reserve(int descriptor)
    {
        int chunk = descriptor / ChunkSize;
        FastPathConnection[]?[] chunks = Volatile.Read(ref _chunks);
        if (chunk >= chunks.Length || chunks[chunk] is null) Grow(chunk);
        return ref this[descriptor];
    }

    private void Grow(int chunk)
    {
        lock (_growing)
        {
            FastPathConnection[]?[] chunks = chunk < _chunks.Length ? _chunks : new FastPathConnection[Math.Max(chunk + 1, _chunks.Length * 2)][];
            if (chunks != _chunks) _chunks.CopyTo(chunks, 0);
            chunks[chunk] ??= new FastPathConnection[ChunkSize];
            Volatile.Write(ref _chunks, chunks);
        }
    }
}
