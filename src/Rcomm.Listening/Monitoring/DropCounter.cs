namespace Rcomm.Listening.Monitoring;

/// <summary>
/// Counts the handshakes that one listening socket lost. Its own counter (<c>SK_MEMINFO_DROPS</c>) counts more: a stray RST or FIN, a
/// repeated SYN, and the last ACK of a handshake that meets a full queue twice (docs/queues.md has the list). The namespace's
/// <c>ListenDrops</c> counts handshakes alone, but of every socket: so a drop is what both have counted.
/// </summary>
internal sealed class DropCounter(uint? word)
{
    private uint _word = word ?? 0;
    private long? _namespace;
    // What the namespace counted in the interval before, and this socket not yet: the two are not read at the same moment.
    private long _left;

    /// <summary>Handshakes lost so far.</summary>
    public long Total { get; private set; }

    /// <summary>Adds an interval; returns the handshakes lost in it.</summary>
    /// <param name="word">The socket's counter; null where it has none.</param>
    /// <param name="listenDrops">The namespace's, read after it; null where it is unknown.</param>
    /// <param name="wasFull">True where the queue was seen full in the interval: what counts where the namespace's counter is unknown.</param>
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
