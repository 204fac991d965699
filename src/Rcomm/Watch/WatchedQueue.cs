using Rcomm.HostQueues;
using Rcomm.Listening.HostQueues;

namespace Rcomm.Watch;

/// <summary>The state of one watched listening socket.</summary>
internal sealed class WatchedQueue(HostQueue queue, WatchedNamespace @namespace, uint dropsBefore, TimeSpan since)
{
    private readonly PeakOfMinute _peak = new();
    private uint _lastDrops = dropsBefore;

    /// <summary>The last reading.</summary>
    public HostQueue Queue { get; private set; } = queue;

    public WatchedNamespace Namespace { get; } = @namespace;

    /// <summary>When it was last seen: a table that changes while it is read may omit a socket.</summary>
    public TimeSpan LastSeen { get; private set; } = since;

    /// <summary>When it was first seen.</summary>
    public TimeSpan Since { get; } = since;

    /// <summary>The peak depth in the last minute.</summary>
    public int Peak => _peak.Value;

    /// <summary>What the socket's own counter has counted since the watch began, or since the socket began to listen.</summary>
    public long Drops { get; private set; }

    /// <summary>Those of them that found the queue full.</summary>
    public long Overflows { get; private set; }

    /// <summary>Segments that were certainly dropped for other reasons.</summary>
    public long OtherDrops { get; private set; }

    /// <summary>How to fix it if it has overflowed; otherwise null.</summary>
    public QueueAdvice? Advice { get; set; }

    public OverflowReport Report { get; } = new();

    /// <summary>Whether a failure to grow it was logged.</summary>
    public bool GrowthFailed { get; set; }

    /// <summary>Adds a reading. Returns what was dropped since the previous one, and whether the queue was seen full in either.</summary>
    public (long Drops, bool SeenFull) Update(HostQueue now, TimeSpan at)
    {
        bool seenFull = Queue.Depth > Queue.Backlog || now.Depth > now.Backlog;
        long drops = now.Drops is { } count ? unchecked(count - _lastDrops) : 0;
        _lastDrops = now.Drops ?? 0;
        (Queue, LastSeen) = (now, at);
        Drops += drops;
        _peak.Add(at, now.Depth);
        return (drops, seenFull);
    }

    /// <summary>Adds the known reasons of the last drops.</summary>
    public void Add(TurnedAway turnedAway)
    {
        Overflows += turnedAway.Count;
        OtherDrops += turnedAway.Others;
    }
}
