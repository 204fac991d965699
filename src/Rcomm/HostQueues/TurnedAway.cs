using Rcomm.Listening.HostQueues;

namespace Rcomm.HostQueues;

/// <summary>
/// How many of a socket's drops were handshakes refused by a full listen queue. The socket's own counter also counts other discarded segments (listed in
/// docs/queues.md); the namespace's <c>ListenOverflows</c> counts only full queues, but of all sockets together.
/// </summary>
/// <param name="Count">Handshake attempts that found the queue full; an upper bound if not certain.</param>
/// <param name="Others">Segments that were certainly dropped for other reasons.</param>
/// <param name="IsCertain">False if several sockets had drops and the namespace's counter doesn't show whose queue was full.</param>
internal readonly record struct TurnedAway(long Count, long Others, bool IsCertain)
{
    // A last ACK that finds the queue full counts as one overflow, and as two drops of the socket.
    private const int DropsOfOverflow = 2;

    /// <summary>Divides the drops of each socket; all are in one network namespace.</summary>
    /// <param name="sockets">The drops of each socket, and whether its queue was seen full.</param>
    /// <param name="overflows"><c>ListenOverflows</c> in the same time; null if the kernel doesn't count them.</param>
    public static Dictionary<uint, TurnedAway> Divide(IReadOnlyCollection<(uint Inode, long Drops, bool SeenFull)> sockets, long? overflows)
    {
        List<(uint Inode, long Drops, bool SeenFull)> dropped = [.. sockets.Where(socket => socket.Drops > 0)];
        if (overflows is not { } all) return dropped.ToDictionary(socket => socket.Inode, socket => new TurnedAway(socket.Drops, 0, false));

        bool certain = all == 0 || dropped.Count == 1 || dropped.Sum(socket => socket.Drops) <= all;
        List<(uint Inode, long Drops, bool SeenFull)> suspects = dropped.FindAll(socket => socket.SeenFull);
        if (suspects.Count == 0) suspects = dropped;
        return dropped.ToDictionary(socket => socket.Inode, socket =>
        {
            long count = suspects.Contains(socket) ? Math.Min(socket.Drops, all) : certain
                ? 0
                : Math.Min(socket.Drops, Math.Max(0, all - suspects.Sum(one => one.Drops)));
            return new TurnedAway(count, Math.Max(0, socket.Drops - DropsOfOverflow * count), certain || suspects is [_] && suspects[0].Drops >= all);
        });
    }

    /// <summary>Does the same for a single reading, since each socket began to listen.</summary>
    public static Dictionary<uint, TurnedAway> Divide(HostQueueList queues) => queues.Queues
        .GroupBy(queue => queue.Namespace?.Inode)
        .SelectMany(group => Divide(
            [.. group.Select(queue => (queue.Inode, (long)(queue.Drops ?? 0), queue.Depth > queue.Backlog))],
            queues.Namespaces.FirstOrDefault(reading => IsSame(reading.Namespace, group.Key))?.Counters?.ListenOverflows))
        .ToDictionary();

    private static bool IsSame(NetworkNamespace? one, ulong? inode) => inode is null ? one is null or { IsOwn: true } : one?.Inode == inode;
}
