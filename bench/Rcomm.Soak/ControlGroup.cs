using System.Globalization;

namespace Rcomm.Soak;

/// <summary>A control group of version 2 (cgroups(7)) that a server is started in, with one limit.</summary>
internal sealed class ControlGroup
{
    private const string Root = "/sys/fs/cgroup";

    private readonly string _path;
    private readonly string _controller;

    private ControlGroup(string path, string controller) => (_path, _controller) = (path, controller);

    /// <summary>What a shell does to become a member.</summary>
    public string Join => $"echo $$ >{_path}/cgroup.procs";

    /// <summary>Makes a group below this process's own or one above it; null where that is not possible, and then why.</summary>
    public static ControlGroup? TryCreate(string controller, out string why)
    {
        if (!File.Exists($"{Root}/cgroup.controllers"))
        {
            why = $"{Root} isn't a cgroup v2 here";
            return null;
        }
        why = $"no cgroup v2 here has the {controller} controller for its children";
        string own = File.ReadAllLines("/proc/self/cgroup").First(line => line.StartsWith("0::", StringComparison.Ordinal))[3..];
        for (string parent = own; ; parent = Path.GetDirectoryName(parent)!)
        {
            string path = $"{Root}{parent.TrimEnd('/')}/rcomm-soak-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";
            try
            {
                // Only in the group of this process: those above it are the system's.
                if (parent == own && !Delegates(parent, controller)) File.WriteAllText($"{Root}{parent}/cgroup.subtree_control", "+" + controller);
                if (Delegates(parent, controller))
                {
                    Directory.CreateDirectory(path);
                    return new ControlGroup(path, controller);
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
        File.WriteAllText($"{_path}/{_controller}.max", limit.ToString(CultureInfo.InvariantCulture));
        if (_controller == "memory" && File.Exists($"{_path}/memory.swap.max")) File.WriteAllText($"{_path}/memory.swap.max", "0");
    }

    /// <summary>Lets it have what it has now, and no more.</summary>
    public void LimitToCurrent() => Limit(long.Parse(File.ReadAllText($"{_path}/{_controller}.current"), CultureInfo.InvariantCulture));

    /// <summary>Removes the group, which no process is in any more.</summary>
    public void Remove() => Directory.Delete(_path);

    private static bool Delegates(string parent, string controller) =>
        File.ReadAllText($"{Root}{parent}/cgroup.subtree_control").Split(' ', '\n').Contains(controller);
}
