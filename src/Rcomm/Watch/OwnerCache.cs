using Rcomm.Listening.HostQueues;

namespace Rcomm.Watch;

/// <summary>
/// Caches which processes hold which socket. Scanning every process's descriptors is expensive, so it is done only for new sockets, and not too often.
/// </summary>
internal sealed class OwnerCache
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UnknownInterval = TimeSpan.FromSeconds(30);

    private Dictionary<uint, IReadOnlyList<SocketOwner>> _owners = [];
    private TimeSpan _refreshed = TimeSpan.MinValue;

    /// <summary>Why some have no owner; null if each has one.</summary>
    public string? Hidden { get; private set; }

    /// <summary>Returns the same queues with their owners, as last scanned.</summary>
    public IReadOnlyList<HostQueue> Add(IReadOnlyList<HostQueue> queues, TimeSpan now)
    {
        bool isNew = queues.Any(queue => !_owners.ContainsKey(queue.Inode));
        bool isUnknown = Hidden is not null;
        if (_refreshed == TimeSpan.MinValue || isNew && now - _refreshed >= MinInterval || isUnknown && now - _refreshed >= UnknownInterval)
            Refresh(queues, now);
        return [.. queues.Select(queue => _owners.TryGetValue(queue.Inode, out IReadOnlyList<SocketOwner>? owners) ? queue with { Owners = owners } : queue)];
    }

    /// <summary>Scans again: a process may have passed the socket on, or a worker may have exited.</summary>
    public void Refresh(IReadOnlyList<HostQueue> queues, TimeSpan now)
    {
        _owners = HostQueueList.WithOwners(queues, out string? hidden).ToDictionary(queue => queue.Inode, queue => queue.Owners);
        (Hidden, _refreshed) = (hidden, now);
    }
}
