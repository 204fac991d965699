using Rcomm.Listening.Sizing;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Monitoring;

/// <summary>
/// Turns a queue's drop counter into few events: one when drops begin, then one a minute while they continue. The size of a burst is measured in a
/// window shorter than a second, minus clients that were dropped shortly before and try again (see <see cref="BacklogAdvice"/>).
/// </summary>
internal sealed class DropWatch(string queue, int shards = 1)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly SynRetries _retries = new();
    private (long Drops, int Peak) _worst;
    private (long Drops, int Peak, int Backlog) _minute;
    private TimeSpan? _began;
    private TimeSpan? _reported;

    /// <summary>The peak and drops of the worst window so far, without retries; zero if nothing was ever dropped.</summary>
    public (long Drops, int Peak) Worst { get; private set; }

    /// <summary>
    /// Returns the advice for the worst window so far. Null if nothing was dropped, or the advice was followed by a live resize or an automatic backlog.
    /// </summary>
    public BacklogAdvice? AdviceBeyond(int? backlog, Func<int?> readCap)
    {
        if (Worst.Drops == 0) return null;
        BacklogAdvice advice = BacklogAdvice.For(Worst.Peak, Worst.Drops, readCap(), shards);
        return advice.Backlog <= backlog ? null : advice;
    }

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
            var burst = _retries.Add(now, drops, peak.Depth);
            _worst = Worse(_worst, burst);
            Worst = Worse(Worst, burst);
        }

        if (_reported is null)
        {
            if (!(now - _began >= SynRetries.Window)) return null;
            return Report(now, (m, advice) => new QueueEvent.DropsStarted(queue, m.Drops, m.Peak, m.Backlog, backlog, advice), readCap);
        }
        if (now - _reported < Minute) return null;
        if (_minute.Drops > 0) return Report(now, (m, advice) => new QueueEvent.DropsContinue(queue, m.Drops, m.Peak, m.Backlog, backlog, advice), readCap);
        (_began, _reported, _worst) = (null, null, default);
        return null;
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
