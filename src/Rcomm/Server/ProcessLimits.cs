using Rcomm.Settings.Groups;
using Rcomm.Shared.Linux;

namespace Rcomm.Server;

/// <summary>What this process may have of memory and open files, and how many connections fit in.</summary>
internal static class ProcessLimits
{
    // A server of ours has about 90 files open before the first connection, and its accept loops keep 32 descriptors free.
    private const ulong MinFiles = 160;

    // Measured: with thousands of idle connections, the kernel's part included (docs/how-large.md).
    private const long BaseMemory = 48L << 20;
    private const long MemoryOfConnection = 20 << 10;
    private const long MemoryOfTlsConnection = 64 << 10;
    private const int MinConnections = 128;

    /// <summary>Refuses a limit of open files with which a server would start and then accept hardly anyone.</summary>
    /// <exception cref="IOException">The limit is too low; the message says what to do.</exception>
    public static void CheckOpenFiles()
    {
        if (OperatingSystem.IsLinux() && DescriptorLimit.Read() is { } limit && limit.Soft < MinFiles)
            throw new IOException($"The limit of open files is {limit.Soft}, and a server needs {MinFiles} or more. Raise it: ulimit -n 1024, or LimitNOFILE= in the systemd unit.");
    }

    /// <summary>
    /// How many connections fit into the memory limit of this process (its cgroup's, or the machine's memory); null where its limit of open files is reached before that.
    /// </summary>
    public static int? ConnectionsThatFit(bool areTls) => OperatingSystem.IsLinux() && DescriptorLimit.Read() is { } files
        ? ConnectionsThatFit(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, files.Soft, areTls)
        : null;

    internal static int? ConnectionsThatFit(long memory, ulong files, bool areTls)
    {
        long fit = Math.Max(MinConnections, (memory - BaseMemory) / (areTls ? MemoryOfTlsConnection : MemoryOfConnection));
        return (ulong)fit < files ? (int)fit : null;
    }

    /// <summary>The setting that says otherwise.</summary>
    public static string Setting => LimitsGroup.MaxConnections.Variable;
}
