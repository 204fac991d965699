using Rcomm.Listening.HostQueues;

namespace Rcomm.Queues;

/// <summary>
/// The changes since the start of a watch: the peak depth of each socket, and the growth of each counter. Depth is sampled, so the peak of a short burst
/// can be missed; the counters miss nothing.
/// </summary>
internal sealed class WatchBaseline
{
    private readonly Dictionary<uint, (int Peak, uint? FirstDrops)> _sockets = [];
    private readonly Dictionary<ulong, NamespaceCounters> _namespaces = [];

    public void Add(HostQueueList queues)
    {
        foreach (NamespaceReading reading in queues.Namespaces)
            if (reading.Counters is { } counters) _namespaces.TryAdd(Key(reading), counters);
        foreach (HostQueue queue in queues.Queues)
        {
            (int peak, uint? firstDrops) = _sockets.GetValueOrDefault(queue.Inode, (0, queue.Drops));
            _sockets[queue.Inode] = (Math.Max(peak, queue.Depth), firstDrops);
        }
    }

    public int Peak(HostQueue queue) => _sockets[queue.Inode].Peak;

    public uint? Drops(HostQueue queue) => unchecked(queue.Drops - _sockets[queue.Inode].FirstDrops);

    /// <summary>Returns the same queues with the drops and counters since the start of the watch.</summary>
    public HostQueueList Of(HostQueueList queues) => queues with
    {
        Queues = [.. queues.Queues.Select(queue => queue with { Drops = Drops(queue) })],
        Namespaces = [.. queues.Namespaces.Select(reading => reading with { Counters = reading.Counters?.Since(_namespaces[Key(reading)]) })],
    };

    private static ulong Key(NamespaceReading reading) => reading.Namespace?.Inode ?? 0;
}
