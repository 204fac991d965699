using System.Text.RegularExpressions;

namespace Rcomm.Shared.Linux.Proc;

/// <summary>
/// Finds the container of a process from the path of its control group (cgroups(7), /proc/PID/cgroup). Runtimes put the container's id of 64 hexadecimal
/// digits there; Kubernetes puts the pod's UID before it.
/// </summary>
internal static partial class ContainerName
{
    private const int ShortIdLength = 12;

    /// <summary>Returns <c>pod UID/ID</c>, <c>ID</c> or a machine's name; null outside a container.</summary>
    public static string? In(string cgroupFile)
    {
        foreach (string line in cgroupFile.Split('\n'))
        {
            string path = line.Split(':', 3) is [_, _, var third] ? third : "";
            string? id = ContainerId().Match(path) is { Success: true } match ? match.Value[..ShortIdLength] : null;
            string? pod = PodUid().Match(path) is { Success: true } uid ? "pod " + uid.Groups[1].Value.Replace('_', '-') : null;
            if (pod is not null) return id is null ? pod : $"{pod}/{id}";
            if (id is not null) return id;
            if (Machine().Match(path) is { Success: true } machine) return (machine.Groups[1].Success ? machine.Groups[1] : machine.Groups[2]).Value;
        }
        return null;
    }

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")]
    private static partial Regex ContainerId();

    // systemd's cgroup driver replaces dashes with underscores.
    [GeneratedRegex("pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})")]
    private static partial Regex PodUid();

    // LXC, Incus and systemd-nspawn use the container's name.
    [GeneratedRegex(@"lxc\.payload\.([^/]+)|machine\.slice/(?:systemd-nspawn@|machine-)([^/]+?)\.(?:service|scope)")]
    private static partial Regex Machine();
}
