using Rcomm.Listening.HostQueues;


namespace Rcomm.Queues;

/// <summary>
/// What a watch has seen since it began: the highest depth of each socket, and the growth of each counter. The depth is sampled
/// twice a second, so a short burst's peak can be missed; the counters miss nothing.
/// </summary>
internal sealed class SinceBegan
{
    private readonly Dictionary<uint, (int Peak, uint? FirstDrops)> _sockets = [];
    private NamespaceCounters? _first;

    public void See(HostQueueList queues)
    {
        _first ??= queues.Counters;
        foreach (HostQueue queue in queues.Queues)
        {
            (int peak, uint? firstDrops) = _sockets.GetValueOrDefault(queue.Inode, (0, queue.Drops));
            _sockets[queue.Inode] = (Math.Max(peak, queue.Depth), firstDrops);
        }
    }

    public int Peak(HostQueue queue) => _sockets[queue.Inode].Peak;

    public uint? Drops(HostQueue queue) => unchecked(queue.Drops - _sockets[queue.Inode].FirstDrops);

    public NamespaceCounters? Counters(HostQueueList queues) => _first is { } first ? queues.Counters?.Since(first) : null;
}
