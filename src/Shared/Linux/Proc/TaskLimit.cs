using System.Globalization;

namespace Rcomm.Shared.Linux.Proc;

/// <summary>
/// Reads how many more processes and threads the control groups of this process allow (pids.max in both versions: cgroups(7),
/// Documentation/admin-guide/cgroup-v1/pids.rst).
/// </summary>
internal static class TaskLimit
{
    public const string Root = "/sys/fs/cgroup";

    /// <summary>Returns the lowest number that the groups and their ancestors leave; null if none has a limit.</summary>
    public static long? Room() => File.Exists("/proc/self/cgroup") ? Room(File.ReadAllLines("/proc/self/cgroup"), Root) : null;

    /// <param name="groups">The lines of <c>/proc/self/cgroup</c>.</param>
    /// <param name="root">Where the hierarchies are mounted.</param>
    internal static long? Room(IEnumerable<string> groups, string root)
    {
        long? min = null;
        foreach (string folder in groups.SelectMany(line => Folders(line, root)))
            if (Read($"{folder}/pids.max") is { } max && Read($"{folder}/pids.current") is { } current && !(max - current >= min)) min = max - current;
        return min;
    }

    // "8:pids:/docker/ID" or "0::/system.slice/rcomm.service". In a container the path may be the host's; only the root then exists.
    private static IEnumerable<string> Folders(string line, string root)
    {
        if (line.Split(':', 3) is not [_, var controllers, var path]) yield break;
        string? mount = controllers == "" ? root : controllers.Split(',').Contains("pids") ? $"{root}/pids" : null;
        if (mount is null) yield break;
        for (path = path.TrimEnd('/'); path.Length > 0; path = path[..path.LastIndexOf('/')]) yield return mount + path;
        yield return mount;
    }

    private static long? Read(string file)
    {
        try
        {
            return long.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out long number) ? number : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
