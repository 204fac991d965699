using Rcomm.HostQueues;
using Rcomm.Shared.Linux;

namespace Rcomm.Watch;

/// <summary>The data of a log line about a queue that overflows.</summary>
/// <param name="IsFirst">True for the beginning; false for a summary while it lasts.</param>
/// <param name="Attempts">Handshake attempts that found the queue full.</param>
/// <param name="IsCertain">False if they may belong to another queue.</param>
/// <param name="Others">Segments dropped for other reasons.</param>
/// <param name="Peak">The highest depth observed.</param>
/// <param name="Needed">How many places would have held the worst burst.</param>
internal sealed record Overflow(bool IsFirst, long Attempts, bool IsCertain, long Others, int Peak, long Needed);

/// <summary>
/// Turns the drops of one queue into few log lines: one when it begins to overflow, then one a minute while it lasts. A burst is measured over less than
/// a second, minus clients that were refused shortly before and try again: within that time each attempt is a client.
/// </summary>
internal sealed class OverflowReport
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly SynRetries _retries = new();
    private TimeSpan? _began;
    private TimeSpan? _reported;
    private long _attempts, _others, _needed;
    private bool _isCertain = true;
    private int _peak;

    /// <summary>Adds the numbers of a tick. Returns what to report, if anything is due.</summary>
    public Overflow? Tick(TimeSpan now, TurnedAway turnedAway, int depth, int backlog)
    {
        _others += turnedAway.Others;
        if (turnedAway.Count > 0)
        {
            _began ??= now;
            _attempts += turnedAway.Count;
            _isCertain &= turnedAway.IsCertain;
            // It was full at that moment, whatever the sample shows: the queue holds one more than its backlog.
            _peak = Math.Max(_peak, Math.Max(depth, backlog + 1));
            _needed = Math.Max(_needed, backlog + 1 + _retries.Add(now, turnedAway.Count, depth).Clients);
        }

        if (_reported is null) return now - _began >= SynRetries.Window ? Take(now, isFirst: true) : null;
        if (now - _reported < Minute) return null;
        if (_attempts > 0) return Take(now, isFirst: false);
        (_began, _reported, _needed) = (null, null, 0);
        return null;
    }

    private Overflow Take(TimeSpan now, bool isFirst)
    {
        var overflow = new Overflow(isFirst, _attempts, _isCertain, _others, _peak, _needed);
        _reported = now;
        (_attempts, _others, _peak, _isCertain) = (0, 0, 0, true);
        return overflow;
    }
}
