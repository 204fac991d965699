using Rcomm.Shared.Linux;

namespace Rcomm.Burst;

/// <summary>The limit of open files of this process (<c>RLIMIT_NOFILE</c>, getrlimit(2)).</summary>
internal static class FileLimit
{
    // For what the process itself opens between the count and the burst: epoll, timers, the terminal.
    private const int Spare = 64;
    // Without free descriptors, the runtime can't load an assembly and ends the process.
    private const int Reserve = 16;

    /// <summary>The highest descriptor that a connection may have.</summary>
    public static long MaxDescriptor => DescriptorLimit.Read() is { } limit ? (long)Math.Min(limit.Soft, long.MaxValue) - 1 - Reserve : long.MaxValue;

    /// <summary>Raises the soft limit up to the hard one if needed.</summary>
    /// <exception cref="BurstException">Even the hard limit is too low for that many open connections.</exception>
    public static void Ensure(int connections)
    {
        if (DescriptorLimit.Read() is not { } limit) return;

        ulong open = CountOpen() + Spare;
        ulong needed = (ulong)connections + open;
        if (limit.Soft < needed && limit.Soft < limit.Hard)
        {
            limit.Soft = limit.Hard;
            _ = DescriptorLimit.TrySet(in limit);
            limit = DescriptorLimit.Read() ?? limit;
        }
        if (limit.Soft >= needed) return;

        throw new BurstException(BurstFailure.FileLimit, string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{connections:N0} connections at once need {needed:N0} open files, but the limit is {limit.Soft:N0}. Raise it (ulimit -n "
                + $"{needed}, as root or with a higher hard limit in /etc/security/limits.conf), or use at most "
                    + $"{Math.Max(1, (long)limit.Soft - (long)open):N0} connections."));
    }

    private static ulong CountOpen()
    {
        try
        {
            return (ulong)Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount();
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
