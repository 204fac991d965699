using System.Globalization;

namespace Rcomm.Listening.HostQueues;

/// <summary>Which processes hold which sockets, from the links in <c>/proc/PID/fd</c> (proc(5)).</summary>
internal static class SocketOwners
{
    private const string LinkStart = "socket:[";

    /// <summary>
    /// The owners of these sockets by inode; <paramref name="hidden"/> tells why those of the others are not among them.
    /// </summary>
    public static ILookup<uint, SocketOwner> Find(IReadOnlySet<uint> inodes, out string hidden)
    {
        List<(uint Inode, SocketOwner Owner)> found = [];
        bool hasProc = Directory.Exists("/proc/self/fd");
        bool sawEverything = Environment.IsPrivilegedProcess;
        foreach (string folder in hasProc ? Directory.EnumerateDirectories("/proc") : [])
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id)) continue;
            try
            {
                HashSet<uint> held = [.. Directory.EnumerateFileSystemEntries(folder + "/fd").Select(InodeBehind).OfType<uint>().Where(inodes.Contains)];
                if (held.Count == 0) continue;
                var owner = new SocketOwner(id, File.ReadAllText(folder + "/comm").Trim());
                found.AddRange(held.Select(inode => (inode, owner)));
            }
            catch (UnauthorizedAccessException)
            {
                sawEverything = false;
            }
            catch (IOException)
            {
                // The process has ended meanwhile.
            }
        }
        hidden = !hasProc ? "/proc is not there"
            : !sawEverything ? "only root sees other users' processes"
            : "no process that can be seen from here holds those sockets; another container may";
        return found.ToLookup(pair => pair.Inode, pair => pair.Owner);
    }

    private static uint? InodeBehind(string descriptor)
    {
        try
        {
            string? link = new FileInfo(descriptor).LinkTarget;
            return link is not null && link.StartsWith(LinkStart, StringComparison.Ordinal)
                && uint.TryParse(link.AsSpan(LinkStart.Length).TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out uint inode)
                ? inode : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
