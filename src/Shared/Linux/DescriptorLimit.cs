using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>How many descriptors this process may have, and how near it is to that (<c>RLIMIT_NOFILE</c>: getrlimit(2), setrlimit(2)).</summary>
internal static partial class DescriptorLimit
{
    private const int NumberOfFiles = 7;
    private const ulong MaxGrownTable = 1 << 16;

    private static int s_tableHasGrown;

    /// <summary>
    /// Grows the process's table of descriptors once to the limit, at most to 65,536 (8 bytes each). The kernel doubles it as descriptors
    /// are used, and in a process with threads each time waits for an RCU grace period of about 15 ms (fs/file.c, expand_fdtable); in a
    /// burst the listen queue would fill meanwhile.
    /// </summary>
    public static void GrowTable(SafeHandle any)
    {
        if (Interlocked.Exchange(ref s_tableHasGrown, 1) != 0 || Read() is not { } limit) return;
        int descriptor = LibC.Duplicate(any, (int)Math.Min(limit.Soft, MaxGrownTable) - 1);
        if (descriptor >= 0) _ = LibC.Close(descriptor);
    }

    /// <summary>The soft and the hard limit; null where the system does not tell.</summary>
    public static Limit? Read() => GetLimit(NumberOfFiles, out Limit limit) == 0 ? limit : null;

    /// <summary>Sets both; false with errno in <see cref="LibC.LastError"/>.</summary>
    public static bool TrySet(in Limit limit) => SetLimit(NumberOfFiles, in limit) == 0;

    /// <summary>How many descriptors are in use; null on a kernel before 6.2, or without /proc (proc_pid_fd(5)).</summary>
    public static long? CountInUse() => FileStatus.StampOf("/proc/self/fd\0"u8).Length is > 0 and long count ? count : null;

    /// <summary>The number the next descriptor would get: the lowest that is free, so at least that many are in use. Null when none is free.</summary>
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
