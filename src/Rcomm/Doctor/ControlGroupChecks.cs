using System.Globalization;
using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Doctor;

/// <summary>Checks the limits of this process's control group and its ancestors (cgroups(7), version 2).</summary>
internal static class ControlGroupChecks
{
    private const string Root = TaskLimit.Root;

    public static IEnumerable<Finding> Run(SystemFiles files)
    {
        string? path = files.Read("/proc/self/cgroup")?.Split('\n').FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..];
        // Every control group except the root has cpu.max.
        bool seen = path is not null && (files.Read(Root + "/cgroup.controllers") is not null || files.Read(Root + path.TrimEnd('/') + "/cpu.max") is not null);
        if (!seen)
        {
            yield return new("cgroup limits", Severity.Unknown, $"could not be read ({Root} isn't mounted, or is version 1 of cgroups)", null,
                "At these limits, a process is paused or killed, whatever the queues hold.");
            yield break;
        }

        if (MinOf(files, path!, "cpu.max", Cores) is { } cores)
        {
            yield return new("cgroup cpu.max", cores < 1 ? Severity.Warning : Severity.Ok,
                string.Create(CultureInfo.InvariantCulture, $"{cores:0.##} cores"), "1 core or more",
                "A process that has used its share is paused for the rest of each period, and the queue fills.",
                cores < 1 ? "Kubernetes: resources.limits.cpu: 1 or none   systemd: CPUQuota=100%" : null);
        }
        else yield return None("cgroup cpu.max");

        if (MinOf(files, path!, "memory.max", Number) is { } memory)
        {
            const long enough = 128 << 20;
            yield return new("cgroup memory.max", memory < enough ? Severity.Warning : Severity.Ok, $"{(long)memory >> 20} MiB", "128 MiB or more",
                "Connections take memory, in this process and in the kernel; beyond the limit, the process is killed with all its connections.",
                memory < enough ? "Kubernetes: resources.limits.memory: 256Mi   systemd: MemoryMax=256M" : null);
        }
        else yield return None("cgroup memory.max");

        if (MinOf(files, path!, "pids.max", Number) is { } tasks)
        {
            yield return new("cgroup pids.max", tasks < 64 ? Severity.Warning : Severity.Ok, tasks.ToString(CultureInfo.InvariantCulture), "64 or more",
                "Threads count as tasks; without a free one, the runtime can't grow its thread pool.",
                tasks < 64 ? "systemd: TasksMax=512" : null);
        }
        else yield return None("cgroup pids.max");
    }

    private static Finding None(string name) =>
        new(name, Severity.Ok, "no limit", null, "At this limit, a process is paused or killed, whatever the queues hold.");

    // Returns the lowest limit from the root down to the group itself; null if none is set.
    private static double? MinOf(SystemFiles files, string path, string file, Func<string, double?> read)
    {
        double? min = null;
        string folder = Root;
        foreach (string name in path.Split('/'))
        {
            if (name.Length > 0) folder += "/" + name;
            if (files.Read($"{folder}/{file}") is { } text && read(text) is { } limit && !(limit >= min)) min = limit;
        }
        return min;
    }

    // "QUOTA PERIOD"; a quota of "max" means no limit.
    private static double? Cores(string text) =>
        text.Split(' ') is [var quota, var period] && Number(quota) is { } time && Number(period) is { } of ? time / of : null;

    private static double? Number(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out double number) ? number : null;
}
