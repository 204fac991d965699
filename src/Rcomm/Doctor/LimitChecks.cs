using System.Globalization;
using Rcomm.Listening;

namespace Rcomm.Doctor;

/// <summary>The limits of this process and of its control group.</summary>
internal static class LimitChecks
{
    // What the runtime, the log and the pages in flight hold open besides connections; measured at rest: about 150.
    private const int OwnDescriptors = 256;

    public static IEnumerable<Finding> Look(SystemFiles files, Backlog backlog, int? maxConnections) =>
        [OpenFiles(files, backlog, maxConnections), .. ControlGroup(files)];

    private static Finding OpenFiles(SystemFiles files, Backlog backlog, int? maxConnections)
    {
        const string name = "open files (RLIMIT_NOFILE)";
        const string why = "Each open connection is a file descriptor; at the limit accepting pauses, and the listen queue fills behind it.";
        // The runtime raises the soft limit to the hard one at its start, so this is what the server would have.
        string[]? columns = files.Read("/proc/self/limits")?.Split('\n')
            .FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal))?
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (columns is not [.., var hard, _]) return new(name, Verdict.Unknown, "could not be read", null, why);
        if (hard == "unlimited" || !long.TryParse(hard, CultureInfo.InvariantCulture, out long limit)) return new(name, Verdict.Ok, hard, null, why);

        long waiting = Math.Min(backlog.Connections, files.ReadSysctl("net.core.somaxconn") ?? backlog.Connections);
        long wanted = (maxConnections ?? Math.Max(4096, 2 * waiting)) + OwnDescriptors;
        string needs = $"{wanted} or more: {(maxConnections is null ? "twice the backlog" : "RCOMM_MAX_CONNECTIONS")}, and {OwnDescriptors} of its own";
        return limit >= wanted
            ? new(name, Verdict.Ok, hard, needs, why)
            : new(name, limit < (maxConnections ?? waiting) + OwnDescriptors ? Verdict.Problem : Verdict.Warning, hard, needs, why,
                $"systemd: LimitNOFILE={wanted}   shell: ulimit -n {wanted}   docker: --ulimit nofile={wanted}");
    }

    private static IEnumerable<Finding> ControlGroup(SystemFiles files)
    {
        string? path = files.Read("/proc/self/cgroup")?.Split('\n').FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..];
        if (path is null) yield break;

        string folder = "/sys/fs/cgroup" + path.TrimEnd('/');
        if (files.Read(folder + "/cpu.max")?.Split(' ') is [var quota, var period] && double.TryParse(quota, CultureInfo.InvariantCulture, out double time)
            && double.TryParse(period, CultureInfo.InvariantCulture, out double of))
        {
            double cores = time / of;
            yield return new("cgroup cpu.max", cores < 1 ? Verdict.Warning : Verdict.Ok, string.Create(CultureInfo.InvariantCulture, $"{cores:0.##} cores"), "1 core or more",
                "A process that has used its share stands still for the rest of each period, and the queue fills meanwhile.",
                cores < 1 ? "Kubernetes: resources.limits.cpu: 1 or none   systemd: CPUQuota=100%" : null);
        }
        if (long.TryParse(files.Read(folder + "/memory.max"), CultureInfo.InvariantCulture, out long memory))
        {
            const long enough = 128 << 20;
            yield return new("cgroup memory.max", memory < enough ? Verdict.Warning : Verdict.Ok, $"{memory >> 20} MiB", "128 MiB or more",
                "Connections cost memory, in this process and in the kernel; past the limit the process is killed and every connection with it.",
                memory < enough ? "Kubernetes: resources.limits.memory: 256Mi   systemd: MemoryMax=256M" : null);
        }
        if (long.TryParse(files.Read(folder + "/pids.max"), CultureInfo.InvariantCulture, out long tasks))
        {
            yield return new("cgroup pids.max", tasks < 64 ? Verdict.Warning : Verdict.Ok, tasks.ToString(CultureInfo.InvariantCulture), "64 or more",
                "Threads count as tasks; without a free one the runtime cannot grow its thread pool.",
                tasks < 64 ? "systemd: TasksMax=512" : null);
        }
    }
}
