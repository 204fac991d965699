namespace Rcomm.Listening;

/// <summary>
/// Turns a queue's drop counter into few sentences: one when drops begin, then one a minute while they last.
/// A burst is judged by a window shorter than a second, so that retries are not counted twice (see <see cref="BacklogAdvice"/>).
/// </summary>
internal sealed class DropWatch(string queue, int shards = 1)
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(750);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private (long Drops, int Peak) _window;
    private (long Drops, int Peak) _worst;
    private (long Drops, int Peak) _minute;
    private TimeSpan? _windowBegan;
    private TimeSpan? _reported;
    private bool _quiet = true;

    /// <summary>The peak and drops of the worst window so far; zero where nothing was ever dropped.</summary>
    public (long Drops, int Peak) Worst { get; private set; }

    /// <summary>Adds what a tick saw; the event to tell, where it is time for one.</summary>
    /// <param name="now">Time since the start.</param>
    /// <param name="drops">Handshakes dropped since the last tick.</param>
    /// <param name="peak">The peak depth since the last tick.</param>
    /// <param name="backlog">The effective backlog.</param>
    /// <param name="readCap">Reads the kernel's cap; asked only when there is something to say.</param>
    public QueueEvent? Tick(TimeSpan now, long drops, int peak, int backlog, Func<int?> readCap)
    {
        if (drops > 0) _windowBegan ??= now;
        if (_windowBegan is { } began)
        {
            _window = Add(_window, drops, peak);
            if (now - began >= Window) CloseWindow();
        }

        if (_quiet && _minute.Drops > 0)
        {
            _quiet = false;
            return Report(now, (d, p, advice) => new QueueEvent.DropsBegan(queue, d, p, backlog, advice), readCap);
        }
        if (now - _reported < Minute || _windowBegan is not null) return null;
        if (_minute.Drops > 0) return Report(now, (d, p, advice) => new QueueEvent.DropsGoOn(queue, d, p, backlog, advice), readCap);
        if (_reported is not null) _quiet = true;
        return null;
    }

    private void CloseWindow()
    {
        _minute = Add(_minute, _window.Drops, _window.Peak);
        if (_window.Drops + _window.Peak > _worst.Drops + _worst.Peak) _worst = _window;
        if (_window.Drops + _window.Peak > Worst.Drops + Worst.Peak) Worst = _window;
        _window = default;
        _windowBegan = null;
    }

    private QueueEvent Report(TimeSpan now, Func<long, int, BacklogAdvice, QueueEvent> report, Func<int?> readCap)
    {
        QueueEvent told = report(_minute.Drops, _minute.Peak, BacklogAdvice.For(_worst.Peak, _worst.Drops, readCap(), shards));
        _reported = now;
        _minute = default;
        _worst = default;
        return told;
    }

    private static (long, int) Add((long Drops, int Peak) sum, long drops, int peak) => (sum.Drops + drops, Math.Max(sum.Peak, peak));
}
