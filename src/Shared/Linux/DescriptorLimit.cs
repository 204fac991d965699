using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>How many descriptors this process may have, and how many it uses (<c>RLIMIT_NOFILE</c>: getrlimit(2), setrlimit(2)).</summary>
internal static partial class DescriptorLimit
{
    /// <summary>At least as many descriptors of a process are not given to connections.</summary>
    public const int MinReserve = 32;

    private const int NumberOfFiles = 7;
    private const ulong MaxGrownTable = 1 << 16;

    private static int s_tableHasGrown;

    /// <summary>
    /// Grows the process's descriptor table once to the limit, at most to 65,536 (8 bytes each). The kernel doubles it on demand, and in a multithreaded
    /// process each time waits for an RCU grace period of about 15 ms (fs/file.c, expand_fdtable). In a burst the listen queue would fill in that time.
    /// </summary>
    public static void GrowTable(SafeHandle any)
    {
        if (Interlocked.Exchange(ref s_tableHasGrown, 1) != 0 || Read() is not { } limit) return;
        int descriptor = LibC.Duplicate(any, (int)Math.Min(limit.Soft, MaxGrownTable) - 1);
        if (descriptor >= 0) _ = LibC.Close(descriptor);
    }

    /// <summary>Reads the soft and the hard limit; null if the system doesn't report them.</summary>
    public static Limit? Read() => GetLimit(NumberOfFiles, out Limit limit) == 0 ? limit : null;

    /// <summary>Sets both limits. Returns false with the errno in <see cref="LibC.LastError"/>.</summary>
    public static bool TrySet(in Limit limit) => SetLimit(NumberOfFiles, in limit) == 0;

    /// <summary>Returns how many descriptors are in use; null on a kernel before 6.2, or without /proc (proc_pid_fd(5)).</summary>
    public static long? CountInUse() => FileStatus.StampOf("/proc/self/fd\0"u8).Length is > 0 and long count ? count : null;

    /// <summary>Returns the lowest free descriptor number, which the next descriptor gets: at least that many are in use. Null if none is free.</summary>
    public static long? LowestFree(SafeHandle any)
    {
        int descriptor = LibC.Duplicate(any);
        if (descriptor < 0) return null;
        _ = LibC.Close(descriptor);
        return descriptor;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);

    /// <summary><c>struct rlimit</c> on 64-bit systems; <c>RLIM_INFINITY</c> is the largest number.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
