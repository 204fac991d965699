using System.Globalization;

namespace Rcomm.Shared.Linux;

/// <summary>How long the cores of this machine were busy and idle since it started, in ticks (proc_stat(5)).</summary>
internal readonly record struct MachineTimes(long Busy, long Idle)
{
    private const string Path = "/proc/stat";

    // user nice system idle iowait irq softirq steal: the guest's times after these are counted in user already.
    private const int IdleField = 3;
    private const int IoWaitField = 4;
    private const int Fields = 8;

    /// <summary>Null where the file isn't there.</summary>
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

    /// <summary>The share of the time since an earlier reading in which cores were busy, from 0 to 1.</summary>
    public double BusyShareSince(MachineTimes earlier)
    {
        long busy = Busy - earlier.Busy, all = busy + Idle - earlier.Idle;
        return all > 0 ? (double)busy / all : 0;
    }
}
