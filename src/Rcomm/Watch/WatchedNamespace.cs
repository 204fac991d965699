using Rcomm.Listening.HostQueues;

namespace Rcomm.Watch;

/// <summary>A network namespace under watch: its sockets, its cap, and how its counter of full queues grows.</summary>
internal sealed class WatchedNamespace : IDisposable
{
    private HostQueueReader _reader;
    private long? _overflows;

    public WatchedNamespace(NetworkNamespace? @namespace)
    {
        _reader = Open(@namespace);
        NamespaceReading reading = _reader.ReadNamespace();
        (_overflows, Cap) = (reading.Counters?.ListenOverflows, reading.Cap);
    }

    /// <summary><c>net.core.somaxconn</c> there; null where it cannot be read.</summary>
    public int? Cap { get; private set; }

    /// <summary>False until its sockets were read once: what they have dropped before is not the watch's.</summary>
    public bool WasRead { get; private set; }

    /// <summary>Every listening socket in it, without owners.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public IReadOnlyList<HostQueue> Read()
    {
        IReadOnlyList<HostQueue> queues = [.. _reader.ReadTcp(), .. _reader.ReadUnix()];
        return queues;
    }

    public void MarkRead() => WasRead = true;

    /// <summary>How many handshakes met a full queue since this was last asked; null where the kernel does not count them.</summary>
    public long? TakeOverflows()
    {
        long? before = _overflows;
        _overflows = _reader.ReadNamespace().Counters?.ListenOverflows;
        return _overflows - before;
    }

    /// <summary>The cap may have been raised, and the process through which the namespace is entered may have ended.</summary>
    /// <exception cref="IOException">The namespace cannot be entered.</exception>
    public void Refresh(NetworkNamespace? now)
    {
        if (_reader.Namespace is { } before && now is not null && before.Process != now.Process)
        {
            HostQueueReader opened = HostQueueReader.In(now);
            _reader.Dispose();
            _reader = opened;
        }
        Cap = _reader.ReadNamespace().Cap ?? Cap;
    }

    public void Dispose() => _reader.Dispose();

    private static HostQueueReader Open(NetworkNamespace? @namespace) => @namespace is null ? new HostQueueReader() : HostQueueReader.In(@namespace);
}
