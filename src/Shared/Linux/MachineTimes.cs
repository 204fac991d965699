using System.Globalization;

namespace Rcomm.Shared.Linux;

/// <summary>How long the machine's cores were busy and idle since boot, in ticks (proc_stat(5)).</summary>
internal readonly record struct MachineTimes(long Busy, long Idle)
{
    private const string Path = "/proc/stat";

    // user nice system idle iowait irq softirq steal: the guest times that follow are already part of user.
    private const int IdleField = 3;
    private const int IoWaitField = 4;
    private const int Fields = 8;

    /// <summary>Reads the times; null if the file doesn't exist.</summary>
    public static MachineTimes? Read()
    {
        try
        {
            long[] times = [.. File.ReadLines(Path).First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(Fields)
                .Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
            long idle = times[IdleField] + times[IoWaitField];
            return new(times.Sum() - idle, idle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Returns the busy share of the cores' time since an earlier reading, from 0 to 1.</summary>
    public double BusyShareSince(MachineTimes earlier)
    {
        long busy = Busy - earlier.Busy, all = busy + Idle - earlier.Idle;
        return all > 0 ? (double)busy / all : 0;
    }
}
