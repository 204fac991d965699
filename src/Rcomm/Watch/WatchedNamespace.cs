using Rcomm.Listening.HostQueues;

namespace Rcomm.Watch;

/// <summary>A watched network namespace: its sockets, its cap, and the growth of its counter of full queues.</summary>
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

    /// <summary><c>net.core.somaxconn</c> in the namespace; null if it can't be read.</summary>
    public int? Cap { get; private set; }

    /// <summary>Whether its sockets were read once: earlier drops don't count for the watch.</summary>
    public bool WasRead { get; private set; }

    /// <summary>Reads every listening socket in it, without owners.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public IReadOnlyList<HostQueue> Read()
    {
        IReadOnlyList<HostQueue> queues = [.. _reader.ReadTcp(), .. _reader.ReadUnix()];
        return queues;
    }

    public void MarkRead() => WasRead = true;

    /// <summary>Returns how many handshakes found a queue full since the last call; null if the kernel doesn't count them.</summary>
    public long? TakeOverflows()
    {
        long? before = _overflows;
        _overflows = _reader.ReadNamespace().Counters?.ListenOverflows;
        return _overflows - before;
    }

    /// <summary>Reads the cap again, and reopens the namespace if the process through which it is entered has changed.</summary>
    /// <exception cref="IOException">The namespace can't be entered.</exception>
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
