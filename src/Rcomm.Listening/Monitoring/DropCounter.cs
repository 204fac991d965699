namespace Rcomm.Listening.Monitoring;

/// <summary>
/// Counts the handshakes that one listening socket lost. The socket's own counter (<c>SK_MEMINFO_DROPS</c>) counts more: a stray RST or FIN, a
/// repeated SYN, and the last ACK of a handshake that finds the queue full twice (see docs/queues.md). The namespace's <c>ListenDrops</c> counts only
/// handshakes, but those of every socket. So a drop is what both have counted.
/// </summary>
/// <param name="word">The socket's counter at the start; null if it has none.</param>
/// <param name="listenDrops">The namespace's counter, read before it; null if unknown.</param>
internal sealed class DropCounter(uint? word, long? listenDrops = null)
{
    private uint _word = word ?? 0;
    private long? _namespace = listenDrops;
    // Drops that the namespace counted in the last interval and this socket has not: the two are not read at the same moment.
    private long _left;

    /// <summary>Handshakes lost so far.</summary>
    public long Total { get; private set; }

    /// <summary>Adds an interval. Returns the handshakes lost in it.</summary>
    /// <param name="word">The socket's counter; null if it has none.</param>
    /// <param name="listenDrops">The namespace's counter, read after it; null if unknown.</param>
    /// <param name="wasFull">True if the queue was seen full in the interval. Used if the namespace's counter is unknown.</param>
    public long Add(uint? word, long? listenDrops, bool wasFull)
    {
        long grown = listenDrops is { } now && _namespace is { } before ? now - before : 0;
        bool isKnown = listenDrops is not null && _namespace is not null;
        _namespace = listenDrops;
        if (word is not { } current) return 0;

        uint discarded = unchecked(current - _word);
        _word = current;
        long dropped = isKnown ? Math.Min(discarded, grown + _left) : wasFull ? discarded : 0;
        _left = isKnown ? Math.Clamp(grown + _left - dropped, 0, grown) : 0;
        Total += dropped;
        return dropped;
    }
}
