using Rcomm.Settings.Groups;
using Rcomm.Shared.Linux;
using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Server;

/// <summary>The process's limits of memory, open files and threads, and how many connections fit into them.</summary>
internal static class ProcessLimits
{
    // Measured with thousands of idle connections, including the kernel's part (docs/how-large.md).
    private const long BaseMemory = 48L << 20;
    private const long MemoryOfWaiting = 3 << 10;
    private const long MemoryOfAnswered = 12 << 10;
    private const long MemoryOfConnection = 20 << 10;
    private const long MemoryOfTlsConnection = 64 << 10;
    private const int MinConnections = 128;
    private const long MemoryOutsideHeap = 32L << 20;
    private const long MinHeap = 24L << 20;
    private const long SmallMemory = 1L << 30;
    // The share of the memory limit at which the collector considers memory scarce.
    private const int HighLoadPercent = 90;

    // Accept loops, event loops, the fast path, logs, timers, signals, the control socket, the admin pages' accept loop and timer, and the runtime's own.
    private static readonly int OwnThreads = 20 + 2 * Environment.ProcessorCount;
    private static readonly int MinPoolThreads = Environment.ProcessorCount + 2;

    // What a server opens after this check: sockets, event loops, the log, its content; plus a few connections and the accept loops' reserve
    // (DescriptorReserve).
    private const int FilesOfServer = 24;
    private const int FewConnections = 32;
    // The runtime keeps each assembly open unless the program is a single file.
    private const int Assemblies = 168;

    /// <summary>
    /// Checks the limit of open files. Returns what is wrong and what to do if a server would start but accept hardly any client; null if the limit is
    /// high enough.
    /// </summary>
    public static string? TooFewFiles()
    {
        if (!OperatingSystem.IsLinux() || DescriptorLimit.Read() is not { } limit) return null;
        string[] open = Directory.GetFileSystemEntries("/proc/self/fd");
        int assemblies = open.Count(file => new FileInfo(file).LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) == true);
        int needed = open.Length + FilesOfServer + FewConnections + DescriptorLimit.MinReserve + (assemblies > 0 ? Math.Max(0, Assemblies - assemblies) : 0);
        if (limit.Soft >= (ulong)needed) return null;
        return $"The limit of open files is {limit.Soft}, and a server needs {needed} or more. Raise it: ulimit -n 1024, or LimitNOFILE= in the systemd unit.";
    }

    /// <summary>
    /// Checks the limit of processes and threads. Returns what is wrong and what to do if a server can't start with it; null if it is high enough.
    /// </summary>
    public static string? TooFewThreads() => OperatingSystem.IsLinux() && TaskLimit.Room() is { } room && room < OwnThreads + MinPoolThreads
        ? $"The control group's limit of processes and threads (pids.max) leaves {room}, and a server needs {OwnThreads + MinPoolThreads}. "
            + "Raise it: TasksMax= in the systemd unit, --pids-limit of docker, podPidsLimit of the kubelet."
        : null;

    /// <summary>Keeps the thread pool within the limit of processes and threads: the runtime ends the process if it can't start a thread.</summary>
    public static void LimitThreadPool()
    {
        if (!OperatingSystem.IsLinux() || TaskLimit.Room() is not { } room) return;
        ThreadPool.GetMaxThreads(out int workers, out int completions);
        ThreadPool.SetMaxThreads((int)Math.Min(workers, room - OwnThreads), completions);
    }

    /// <summary>
    /// Leaves room in a memory limit for what is outside the heap: code, threads, and the kernel's part of each connection. By default the collector uses
    /// three quarters of the limit before it works harder, and then the kernel kills the process.
    /// </summary>
    public static void LimitHeap()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        // Without a memory limit, the machine's memory can absorb the difference.
        if (MaxHeap(Memory) is not { } heap || info.TotalAvailableMemoryBytes >= Memory * HighLoadPercent / 100) return;
        AppContext.SetData("GCHeapHardLimit", (ulong)heap);
        GC.RefreshMemoryLimit();
    }

    /// <summary>
    /// Returns how many connections fit into the memory limit of this process (its cgroup's, or the machine's memory); null if the limit of open files is
    /// reached first.
    /// </summary>
    public static int? MaxConnections(ConnectionKind kind) => OperatingSystem.IsLinux() && DescriptorLimit.Read() is { } files
        ? MaxConnections(Memory, files.Soft, kind)
        : null;

    /// <summary>
    /// Returns how many of the connections waiting outside Kestrel it may answer at the same time; null if the limit of open files is reached first.
    /// </summary>
    public static int? MaxAnswered() => OperatingSystem.IsLinux() && DescriptorLimit.Read() is { } files ? MaxAnswered(Memory, files.Soft) : null;

    // Null if the collector's default leaves enough room.
    internal static long? MaxHeap(long memory) => memory < SmallMemory ? Math.Max(MinHeap, (memory - MemoryOutsideHeap) / 2) : null;

    // Three quarters of the memory are for waiting connections, one quarter for those being answered.
    internal static int? MaxConnections(long memory, ulong files, ConnectionKind kind) => kind switch
    {
        ConnectionKind.Waiting => Fit((memory - MemoryOutsideHeap) / 4 * 3, MemoryOfWaiting, files),
        ConnectionKind.Plain => Fit(memory - BaseMemory, MemoryOfConnection, files),
        _ => Fit(memory - BaseMemory, MemoryOfTlsConnection, files),
    };

    internal static int? MaxAnswered(long memory, ulong files) => Fit((memory - BaseMemory) / 4, MemoryOfAnswered, files);

    // The collector's own figure is lower: the part of a limit that its heap may use.
    private static long Memory => GC.GetGCMemoryInfo().HighMemoryLoadThresholdBytes / HighLoadPercent * 100;

    private static int? Fit(long memory, long each, ulong files)
    {
        long fit = Math.Max(MinConnections, memory / each);
        return (ulong)fit < files ? (int)fit : null;
    }

    /// <summary>The setting that overrides the limit.</summary>
    public static string Setting => LimitsGroup.MaxConnections.Variable;
}
