using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Listening.Linux;

/// <summary>How many descriptors this process may have, and how near it is to that (getrlimit(2), fcntl(2)).</summary>
internal static partial class DescriptorLimit
{
    private const int NumberOfFiles = 7;
    private const int DuplicateCloseOnExec = 1030;

    /// <summary>The soft limit, <c>RLIMIT_NOFILE</c>.</summary>
    public static long Read() => GetLimit(NumberOfFiles, out Limit limit) == 0 ? (long)Math.Min(limit.Soft, long.MaxValue) : long.MaxValue;

    /// <summary>The number the next descriptor would get: the lowest that is free, so at least that many are in use. Null when none is free.</summary>
    public static long? LowestFree(SafeSocketHandle any)
    {
        int descriptor = Duplicate(any, DuplicateCloseOnExec, 0);
        if (descriptor < 0) return null;
        _ = Close(descriptor);
        return descriptor;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Duplicate(SafeSocketHandle descriptor, int command, int lowest);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    /// <summary><c>struct rlimit</c> on 64-bit systems; <c>RLIM_INFINITY</c> is the largest number.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
