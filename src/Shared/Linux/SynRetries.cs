namespace Rcomm.Shared.Linux;

/// <summary>
/// Tells clients whose handshakes were dropped from their retries: the kernel repeats a SYN after 1, 2 and 4 s (RFC 6298's initial timeout, doubled;
/// net/ipv4/tcp_timer.c). A burst is therefore measured in a window shorter than a second, minus what was dropped shortly before.
/// </summary>
internal sealed class SynRetries
{
    /// <summary>The time within which each dropped handshake is a client of its own. The first retry comes after a whole second.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(700);

    // The longest pause between two of the first retries, and a margin.
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(5);

    private readonly List<(TimeSpan At, long Drops, int Peak, long InWindow)> _recent = [];

    /// <summary>Adds dropped handshakes. Returns the clients that were dropped within the window, without retries, and the peak depth in it.</summary>
    public (long Clients, int Peak) Add(TimeSpan now, long drops, int peak)
    {
        _recent.RemoveAll(one => now - one.At > RetryTime);
        _recent.Add((now, drops, peak, 0));
        long inWindow = 0, before = 0;
        foreach (var one in _recent)
        {
            if (now - one.At >= Window) before = Math.Max(before, one.InWindow);
            else (inWindow, peak) = (inWindow + one.Drops, Math.Max(peak, one.Peak));
        }
        _recent[^1] = (now, drops, peak, inWindow);
        return (Math.Max(0, inWindow - before), peak);
    }
}
