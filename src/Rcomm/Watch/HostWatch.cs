using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Microsoft.Extensions.Logging;
using Rcomm.HostQueues;
using Rcomm.Listening.HostQueues;

namespace Rcomm.Watch;

/// <summary>Reads every listen queue of a machine repeatedly, reports those that overflow, and grows them if requested.</summary>
internal sealed class HostWatch : IDisposable
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    // When the whole machine is overloaded, every queue overflows; the page shows them all.
    private const int MaxLinesPerMinute = 30;

    private readonly WatchOptions _options;
    private readonly ILogger _logger;
    private readonly NamespaceReaders _namespaces;
    private readonly OwnerCache _owners = new();
    private readonly SmallHeap _heap = new();
    private readonly BacklogGrowth? _growth;
    private readonly Dictionary<uint, WatchedQueue> _queues = [];
    private readonly HashSet<string> _toldNotSeen = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private TimeSpan? _refreshed;
    private TimeSpan _ticked;
    private TimeSpan _minute;
    private int _lines, _suppressed;

    public HostWatch(WatchOptions options, ILogger logger)
    {
        (_options, _logger) = (options, logger);
        _namespaces = new NamespaceReaders(options.AllNamespaces);
        _growth = options.Grow ? new BacklogGrowth(options.GrowTo, logger) : null;
    }

    /// <summary>How long ago the queues were last read, which reveals a watch that hangs.</summary>
    public TimeSpan SinceLastPoll
    {
        get
        {
            lock (_lock) return _clock.Elapsed - _ticked;
        }
    }

    /// <summary>Watches until it is stopped.</summary>
    /// <exception cref="IOException">The system doesn't let this user see any listening socket.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        Poll();
        WatchLog.Watching(_logger, Snapshot().Count, _namespaces.All.Count,
            _options.Interval < TimeSpan.FromSeconds(1) ? $"{_options.Interval.TotalMilliseconds:0} ms" : $"{_options.Interval.TotalSeconds:0.###} s");
        using var timer = new PeriodicTimer(_options.Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stop)) Poll();
        }
        catch (OperationCanceledException)
        {
            WatchLog.Stopped(_logger);
        }
    }

    /// <summary>Reads every queue once.</summary>
    public void Poll()
    {
        TimeSpan now = _clock.Elapsed;
        if (_refreshed is null || now - _refreshed >= RefreshInterval)
        {
            _namespaces.Refresh();
            _refreshed = now;
        }
        List<(WatchedNamespace Namespace, HostQueue Queue)> seen = [];
        foreach (WatchedNamespace one in _namespaces.All)
        {
            try
            {
                seen.AddRange(one.Read().Select(queue => (one, queue)));
            }
            catch (IOException e) when (one.WasRead)
            {
                // It was readable before, and may be again at the next reading.
                if (_toldNotSeen.Add(e.Message)) WatchLog.NotSeen(_logger, e.Message);
            }
        }
        IReadOnlyList<HostQueue> owned = _owners.Add([.. seen.Select(pair => pair.Queue)], now);
        ReportNotSeen();
        lock (_lock)
        {
            _ticked = now;
            foreach (var group in seen.Zip(owned, (pair, queue) => (pair.Namespace, Queue: queue)).GroupBy(pair => pair.Namespace, pair => pair.Queue))
                Update(group.Key, [.. group], now);
            foreach (uint closed in _queues.Where(pair => now - pair.Value.LastSeen > ForgetAfter).Select(pair => pair.Key).ToList()) _queues.Remove(closed);
        }
        _heap.Trim(now);
    }

    /// <summary>Returns the current state of every watched queue.</summary>
    public IReadOnlyList<QueueState> Snapshot()
    {
        lock (_lock)
        {
            return
            [
                .. Watched(_queues.Values).Where(watched => watched.LastSeen == _ticked).Select(watched =>
                    new QueueState(watched.Queue, watched.Peak, watched.Drops, watched.Overflows, watched.OtherDrops, _clock.Elapsed - watched.Since,
                        watched.Advice)),
            ];
        }
    }

    /// <summary>Returns what could not be read and why, a sentence each.</summary>
    public IReadOnlyList<string> NotSeen() =>
        _owners.Hidden is { } hidden ? [.. _namespaces.NotSeen, $"the owners of some sockets: {hidden}"] : _namespaces.NotSeen;

    public void Dispose() => _namespaces.Dispose();

    private IEnumerable<WatchedQueue> Watched(IEnumerable<WatchedQueue> queues) => queues.Where(watched => _options.Filter.Includes(watched.Queue));

    // Includes queues that are filtered out, since the namespace's counter is for all.
    private void Update(WatchedNamespace from, IReadOnlyList<HostQueue> queues, TimeSpan now)
    {
        List<(uint Inode, long Drops, bool SeenFull)> changes = [];
        foreach (HostQueue queue in queues)
        {
            if (!_queues.TryGetValue(queue.Inode, out WatchedQueue? watched) || watched.Queue.Address != queue.Address)
            {
                // A socket opened during the watch has no earlier drops.
                watched = new WatchedQueue(queue, from, from.WasRead ? 0 : queue.Drops ?? 0, now);
                _queues[queue.Inode] = watched;
            }
            (long drops, bool seenFull) = watched.Update(queue, now);
            changes.Add((queue.Inode, drops, seenFull));
        }
        from.MarkRead();
        Dictionary<uint, TurnedAway> turnedAway = changes.Exists(change => change.Drops > 0) ? TurnedAway.Divide(changes, from.TakeOverflows()) : [];
        foreach (WatchedQueue watched in Watched(queues.Select(queue => _queues[queue.Inode])))
            Report(watched, turnedAway.GetValueOrDefault(watched.Queue.Inode), now);
    }

    private void Report(WatchedQueue watched, TurnedAway turnedAway, TimeSpan now)
    {
        watched.Add(turnedAway);
        HostQueue queue = watched.Queue;
        _growth?.Grow(watched, turnedAway.Count);
        if (watched.Report.Tick(now, turnedAway, queue.Depth, queue.Backlog) is not { } overflow) return;

        int needed = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(overflow.Needed, 1, 1 << 30));
        watched.Advice = QueueAdvice.For(queue, needed, watched.Namespace.Cap);
        if (!MayLog(now)) return;
        string attempts = string.Create(CultureInfo.InvariantCulture, $"{(overflow.IsCertain ? "" : "at most ")}{overflow.Attempts} handshake attempts");
        string others = overflow.Others == 0 ? ""
            : string.Create(CultureInfo.InvariantCulture,
                $" {overflow.Others} more segments were dropped for other reasons (docs/queues.md, What counts as a drop).");
        if (overflow.IsFirst)
            WatchLog.OverflowStarted(_logger, QueueName.Of(queue), attempts, overflow.Peak, queue.Backlog, needed, watched.Advice.Now,
                watched.Advice.ForGood, others);
        else
            WatchLog.OverflowContinues(_logger, QueueName.Of(queue), attempts, overflow.Peak, queue.Backlog, needed, watched.Advice.Now,
                watched.Advice.ForGood, others);
    }

    private bool MayLog(TimeSpan now)
    {
        if (now - _minute >= Minute)
        {
            if (_suppressed > 0) WatchLog.Suppressed(_logger, _suppressed);
            (_minute, _lines, _suppressed) = (now, 0, 0);
        }
        if (_lines++ < MaxLinesPerMinute) return true;
        _suppressed++;
        return false;
    }

    private void ReportNotSeen()
    {
        foreach (string what in NotSeen())
            if (_toldNotSeen.Add(what)) WatchLog.NotSeen(_logger, what);
    }
}
