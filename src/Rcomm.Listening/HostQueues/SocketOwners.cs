using System.Globalization;

namespace Rcomm.Listening;

/// <summary>Which processes hold which sockets, from the links in <c>/proc/PID/fd</c> (proc(5)).</summary>
internal static class SocketOwners
{
    private const string LinkStart = "socket:[";

    /// <summary>
    /// The owners of these sockets by inode. Other users' processes can only be seen by root;
    /// <paramref name="sawEverything"/> tells whether any had to be left out.
    /// </summary>
    public static ILookup<uint, SocketOwner> Find(IReadOnlySet<uint> inodes, out bool sawEverything)
    {
        List<(uint Inode, SocketOwner Owner)> found = [];
        sawEverything = Directory.Exists("/proc/self/fd");
        foreach (string folder in sawEverything ? Directory.EnumerateDirectories("/proc") : [])
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
