using Rcomm.Listening.Accepting;

namespace Rcomm.Transport.FastPath;

/// <summary>The whole state of an idle connection on the fast path. Its descriptor is its index in the <see cref="ConnectionTable"/>.</summary>
internal struct FastPathConnection
{
    /// <summary>Where the connection is counted; null if the descriptor is not on the fast path.</summary>
    public OpenConnections? Place;

    public FastPathListener? Listener;

    public PeerAddress Peer;

    /// <summary>Distinguishes the connection from earlier ones with the same descriptor, whose events may still be in flight.</summary>
    public uint Generation;

    /// <summary>The list of its loop that it is in, or null.</summary>
    public ConnectionList? List;

    /// <summary>The neighbours in the list, or -1.</summary>
    public int Previous, Next;

    /// <summary>Bytes received that are neither answered nor handed over, or null.</summary>
    public byte[]? Held;

    /// <summary>When it was added to the list, as <see cref="Environment.TickCount64"/>.</summary>
    public long Since;

    /// <summary>Whether the connection is marked as served.</summary>
    public bool IsServed;

    /// <summary>Whether one of its requests was answered.</summary>
    public bool HadRequest;

    /// <summary>Whether an event may be for data that was read with an earlier request. The next data may then be newer than its event.</summary>
    public bool EventsAreLate;
}

/// <summary>
/// The connections on the fast path, indexed by descriptor. Each is used by the thread that adds it, then only by its loop. Entries never move.
/// </summary>
internal sealed class ConnectionTable
{
    private const int ChunkSize = 1024;

    private readonly Lock _growing = new();
    private FastPathConnection[]?[] _chunks = new FastPathConnection[16][];

    public ref FastPathConnection this[int descriptor] => ref _chunks[descriptor / ChunkSize]![descriptor % ChunkSize];

    /// <summary>Returns the entry of a descriptor, and creates it if needed.</summary>
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
