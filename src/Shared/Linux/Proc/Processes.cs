using System.Globalization;

namespace Rcomm.Shared.Linux.Proc;

/// <summary>The processes that <c>/proc</c> shows, and their names.</summary>
internal static class Processes
{
    /// <summary>Returns the ids of all processes; none if /proc isn't mounted.</summary>
    public static IEnumerable<int> All()
    {
        if (!Directory.Exists("/proc/self/fd")) yield break;
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id)) yield return id;
    }

    /// <summary>
    /// Returns the name in the kernel (proc(5), comm), or that of the program file if the runtime has renamed the thread, as Node does. A process can
    /// choose any name, so control characters, which a terminal would interpret, are replaced by question marks, as in ps(1).
    /// </summary>
    /// <exception cref="IOException">The process is gone.</exception>
    public static string NameOf(int process)
    {
        string name = File.ReadAllText($"/proc/{process}/comm").Trim();
        bool isThreads = name.EndsWith("MainThread", StringComparison.Ordinal);
        if (isThreads && new FileInfo($"/proc/{process}/exe").LinkTarget is { } program) name = Path.GetFileName(program);
        return name.Any(char.IsControl) ? string.Concat(name.Select(one => char.IsControl(one) ? '?' : one)) : name;
    }

    /// <summary>Returns the inode of its network namespace, the number in <c>/proc/PID/ns/net</c>; null if the process is gone or hidden.</summary>
    /// <param name="process">The process id.</param>
    /// <param name="hidden">True where this user may not see it.</param>
    public static ulong? NetworkNamespaceOf(int process, out bool hidden)
    {
        hidden = false;
        try
        {
            string? link = new FileInfo($"/proc/{process}/ns/net").LinkTarget;
            return link is ['n', 'e', 't', ':', '[', .. var number, ']']
                && ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode) ? inode : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            hidden = e is UnauthorizedAccessException;
            return null;
        }
    }
}
