using System.Globalization;

namespace Rcomm.Soak;

/// <summary>A control group of either version (cgroups(7)) that a server is started in, with one limit.</summary>
internal sealed class ControlGroup
{
    private const string Root = "/sys/fs/cgroup";

    private readonly string _path;
    private readonly string _limitFile;

    private ControlGroup(string path, string limitFile) => (_path, _limitFile) = (path, limitFile);

    /// <summary>What a shell does to become a member.</summary>
    public string Join => $"echo $$ >{_path}/cgroup.procs";

    /// <summary>Creates a group below this process's own or one above it; null if that isn't possible, with the reason.</summary>
    public static ControlGroup? TryCreate(string controller, out string why)
    {
        if (File.Exists($"{Root}/{controller}/cgroup.procs")) return TryCreateOfVersion1(controller, out why);
        if (!File.Exists($"{Root}/cgroup.controllers"))
        {
            why = $"{Root} has no cgroups here";
            return null;
        }
        why = $"no cgroup v2 here has the {controller} controller for its children";
        string own = File.ReadAllLines("/proc/self/cgroup").First(line => line.StartsWith("0::", StringComparison.Ordinal))[3..];
        for (string parent = own; ; parent = Path.GetDirectoryName(parent)!)
        {
            string path = $"{Root}{parent.TrimEnd('/')}/{Name}";
            try
            {
                // Only in the group of this process: those above it are the system's.
                if (parent == own && !Delegates(parent, controller)) File.WriteAllText($"{Root}{parent}/cgroup.subtree_control", "+" + controller);
                if (Delegates(parent, controller))
                {
                    Directory.CreateDirectory(path);
                    return new ControlGroup(path, $"{controller}.max");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                why = e.Message;
            }
            if (parent == "/") return null;
        }
    }

    public void Limit(long limit)
    {
        File.WriteAllText($"{_path}/{_limitFile}", limit.ToString(CultureInfo.InvariantCulture));
        if (_limitFile == "memory.max" && File.Exists($"{_path}/memory.swap.max")) File.WriteAllText($"{_path}/memory.swap.max", "0");
    }

    /// <summary>Removes the group, which no process is in any more.</summary>
    public void Remove() => Directory.Delete(_path);

    private static string Name => $"rcomm-soak-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";

    private static ControlGroup? TryCreateOfVersion1(string controller, out string why)
    {
        string own = File.ReadAllLines("/proc/self/cgroup").Select(line => line.Split(':', 3)).First(parts => parts[1].Split(',').Contains(controller))[2];
        string path = $"{Root}/{controller}{own.TrimEnd('/')}/{Name}";
        try
        {
            Directory.CreateDirectory(path);
            why = "";
            return new ControlGroup(path, controller == "memory" ? "memory.limit_in_bytes" : $"{controller}.max");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = e.Message;
            return null;
        }
    }

    private static bool Delegates(string parent, string controller) =>
        File.ReadAllText($"{Root}{parent}/cgroup.subtree_control").Split(' ', '\n').Contains(controller);
}
