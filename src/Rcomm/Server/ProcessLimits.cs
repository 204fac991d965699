using Rcomm.Settings.Groups;
using Rcomm.Shared.Linux;
using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Server;

/// <summary>What this process may have of memory and open files, and how many connections fit in.</summary>
internal static class ProcessLimits
{
    // Measured: with thousands of idle connections, the kernel's part included (docs/how-large.md).
    private const long BaseMemory = 48L << 20;
    private const long MemoryOfWaiting = 3 << 10;
    private const long MemoryOfAnswered = 12 << 10;
    private const long MemoryOfConnection = 20 << 10;
    private const long MemoryOfTlsConnection = 64 << 10;
    private const int MinConnections = 128;
    private const long MemoryOutsideHeap = 32L << 20;
    private const long MinHeap = 24L << 20;
    private const long SmallMemory = 1L << 30;
    // Of the memory limit, where the collector sees memory as scarce.
    private const int HighLoadPercent = 90;

    // Accept loops, event loops, the fast path, logs, timers, signals, the control socket, a second accept loop and timer for the admin
    // pages; and what the runtime adds.
    private static readonly int OwnThreads = 20 + 2 * Environment.ProcessorCount;
    private static readonly int MinPoolThreads = Environment.ProcessorCount + 2;

    // What a server opens after this check: sockets, event loops, the log, what it serves; then a few connections, and what the accept
    // loops keep free (DescriptorReserve).
    private const int FilesOfServer = 24;
    private const int FewConnections = 32;
    private const int KeptFree = 32;
    // Where the program isn't one file, the runtime keeps each assembly open.
    private const int Assemblies = 168;

    /// <summary>
    /// What is wrong with a limit of open files with which a server would start and then accept hardly anyone, and what to do; null where
    /// the limit is high enough.
    /// </summary>
    public static string? TooFewFiles()
    {
        if (!OperatingSystem.IsLinux() || DescriptorLimit.Read() is not { } limit) return null;
        string[] open = Directory.GetFileSystemEntries("/proc/self/fd");
        int assemblies = open.Count(file => new FileInfo(file).LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) == true);
        int needed = open.Length + FilesOfServer + FewConnections + KeptFree + (assemblies > 0 ? Math.Max(0, Assemblies - assemblies) : 0);
        if (limit.Soft >= (ulong)needed) return null;
        return $"The limit of open files is {limit.Soft}, and a server needs {needed} or more. Raise it: ulimit -n 1024, or LimitNOFILE= in the systemd unit.";
    }

    /// <summary>What is wrong with a limit of processes and threads that a server can't start with, and what to do; null where there is room enough.</summary>
    public static string? TooFewThreads() => OperatingSystem.IsLinux() && TaskLimit.Room() is { } room && room < OwnThreads + MinPoolThreads
        ? $"The control group's limit of processes and threads (pids.max) leaves {room}, and a server needs {OwnThreads + MinPoolThreads}. "
            + "Raise it: TasksMax= in the systemd unit, --pids-limit of docker, podPidsLimit of the kubelet."
        : null;

    /// <summary>Has the thread pool stay within the limit of processes and threads: where it can't start one, the runtime ends the process.</summary>
    public static void LimitThreadPool()
    {
        if (!OperatingSystem.IsLinux() || TaskLimit.Room() is not { } room) return;
        ThreadPool.GetMaxThreads(out int workers, out int completions);
        ThreadPool.SetMaxThreads((int)Math.Min(workers, room - OwnThreads), completions);
    }

    /// <summary>
    /// Leaves room in a memory limit for what isn't the collector's: code, threads, and the kernel's part of each connection. By itself the
    /// collector takes three quarters of the limit before it works harder, and then the kernel ends the process.
    /// </summary>
    public static void LimitHeap()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        // The machine's memory has others to bear the difference.
        if (HeapThatFits(Memory) is not { } heap || info.TotalAvailableMemoryBytes >= Memory * HighLoadPercent / 100) return;
        AppContext.SetData("GCHeapHardLimit", (ulong)heap);
        GC.RefreshMemoryLimit();
    }

    /// <summary>
    /// How many connections fit into the memory limit of this process (its cgroup's, or the machine's memory); null where its limit of open
    /// files is reached before that.
    /// </summary>
    public static int? ConnectionsThatFit(ConnectionKind kind) => OperatingSystem.IsLinux() && DescriptorLimit.Read() is { } files
        ? ConnectionsThatFit(Memory, files.Soft, kind)
        : null;

    /// <summary>How many of those that wait outside Kestrel it may answer at once; null where its limit of open files is reached before that.</summary>
    public static int? AnsweredThatFit() => OperatingSystem.IsLinux() && DescriptorLimit.Read() is { } files ? AnsweredThatFit(Memory, files.Soft) : null;

    // Null where the collector's own choice leaves enough.
    internal static long? HeapThatFits(long memory) => memory < SmallMemory ? Math.Max(MinHeap, (memory - MemoryOutsideHeap) / 2) : null;

    // Of the memory, three quarters are for those that wait, and a quarter for those that are answered.
    internal static int? ConnectionsThatFit(long memory, ulong files, ConnectionKind kind) => kind switch
    {
        ConnectionKind.Waiting => Fit((memory - MemoryOutsideHeap) / 4 * 3, MemoryOfWaiting, files),
        ConnectionKind.Plain => Fit(memory - BaseMemory, MemoryOfConnection, files),
        _ => Fit(memory - BaseMemory, MemoryOfTlsConnection, files),
    };

    internal static int? AnsweredThatFit(long memory, ulong files) => Fit((memory - BaseMemory) / 4, MemoryOfAnswered, files);

    // The collector's own measure is less: the part of a limit that its heap may take.
    private static long Memory => GC.GetGCMemoryInfo().HighMemoryLoadThresholdBytes / HighLoadPercent * 100;

    private static int? Fit(long memory, long each, ulong files)
    {
        long fit = Math.Max(MinConnections, memory / each);
        return (ulong)fit < files ? (int)fit : null;
    }

    /// <summary>The setting that says otherwise.</summary>
    public static string Setting => LimitsGroup.MaxConnections.Variable;
}
