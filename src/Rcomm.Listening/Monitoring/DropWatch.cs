using Rcomm.Listening.Sizing;

namespace Rcomm.Listening.Monitoring;

/// <summary>
/// Turns a queue's drop counter into few events: one when drops begin, then one a minute while they continue. The size of a burst is measured in a
/// window shorter than a second, minus clients that were dropped shortly before and try again (see <see cref="BacklogAdvice"/>).
/// </summary>
internal sealed class DropWatch(string queue, int shards = 1)
{
    // Three ticks or three quarters of a second: the first retry comes after a whole second.
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(700);
    // A client that is dropped repeatedly retries after 1, 2 and 4 s.
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly List<(TimeSpan At, long Drops, int Peak, long InWindow)> _recent = [];
    private (long Drops, int Peak) _worst;
    private (long Drops, int Peak, int Backlog) _minute;
    private TimeSpan? _began;
    private TimeSpan? _reported;

    /// <summary>The peak and drops of the worst window so far, without retries; zero if nothing was ever dropped.</summary>
    public (long Drops, int Peak) Worst { get; private set; }

    /// <summary>Adds the numbers of a tick. Returns an event if one is due.</summary>
    /// <param name="now">Time since the start.</param>
    /// <param name="drops">Handshakes dropped since the last tick.</param>
    /// <param name="peak">The peak depth since the last tick, and the effective backlog at that time.</param>
    /// <param name="backlog">The effective backlog now.</param>
    /// <param name="readCap">Reads the kernel's cap. Called only for an event.</param>
    public QueueEvent? Tick(TimeSpan now, long drops, (int Depth, int Backlog) peak, int backlog, Func<int?> readCap)
    {
        if (drops > 0)
        {
            _began ??= now;
            _minute = peak.Depth >= _minute.Peak ? (_minute.Drops + drops, peak.Depth, peak.Backlog) : _minute with { Drops = _minute.Drops + drops };
            Judge(now, drops, peak.Depth);
        }

        if (_reported is null)
            return now - _began >= Window ? Report(now, (m, advice) => new QueueEvent.DropsBegan(queue, m.Drops, m.Peak, m.Backlog, backlog, advice),
                readCap) : null;
        if (now - _reported < Minute) return null;
        if (_minute.Drops > 0) return Report(now, (m, advice) => new QueueEvent.DropsGoOn(queue, m.Drops, m.Peak, m.Backlog, backlog, advice), readCap);
        (_began, _reported, _worst) = (null, null, default);
        return null;
    }

    private void Judge(TimeSpan now, long drops, int peak)
    {
        _recent.RemoveAll(tick => now - tick.At > RetryTime);
        _recent.Add((now, drops, peak, 0));
        long inWindow = 0, before = 0;
        foreach (var tick in _recent)
        {
            if (now - tick.At >= Window) before = Math.Max(before, tick.InWindow);
            else (inWindow, peak) = (inWindow + tick.Drops, Math.Max(peak, tick.Peak));
        }
        _recent[^1] = (now, drops, peak, inWindow);

        (long Drops, int Peak) window = (Math.Max(0, inWindow - before), peak);
        _worst = Worse(_worst, window);
        Worst = Worse(Worst, window);
    }

    private QueueEvent Report(TimeSpan now, Func<(long Drops, int Peak, int Backlog), BacklogAdvice, QueueEvent> report, Func<int?> readCap)
    {
        QueueEvent told = report(_minute, BacklogAdvice.For(_worst.Peak, _worst.Drops, readCap(), shards));
        _reported = now;
        _minute = default;
        return told;
    }

    private static (long, int) Worse((long Drops, int Peak) one, (long Drops, int Peak) other) =>
        other.Drops + other.Peak > one.Drops + one.Peak ? other : one;
}
