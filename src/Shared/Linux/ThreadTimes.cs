using System.Globalization;

namespace Rcomm.Shared.Linux;

/// <summary>
/// How long the calling thread ran on a core and waited for one, in nanoseconds (/proc/PID/schedstat, Documentation/scheduler/sched-stats.rst).
/// </summary>
internal readonly record struct ThreadTimes(long RunNs, long WaitNs)
{
    private const string Path = "/proc/thread-self/schedstat";

    /// <summary>Reads the times; zeros if the kernel doesn't keep these statistics.</summary>
    public static ThreadTimes Read()
    {
        try
        {
            string[] fields = File.ReadAllText(Path).Split(' ');
            return new(long.Parse(fields[0], CultureInfo.InvariantCulture), long.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return default;
        }
    }
}
