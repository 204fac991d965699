using System.Globalization;

namespace Rcomm.Shared.Linux.Proc;

/// <summary>Reads which descriptors of a process are sockets, from the links <c>socket:[INODE]</c> in <c>/proc/PID/fd</c> (proc(5)).</summary>
internal static class SocketLinks
{
    private const string Start = "socket:[";

    /// <summary>Returns each descriptor that is a socket, with the socket's inode.</summary>
    /// <exception cref="UnauthorizedAccessException">This user may not see the process's descriptors.</exception>
    /// <exception cref="IOException">The process is gone.</exception>
    public static IEnumerable<(int Descriptor, uint Inode)> Of(int process)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries($"/proc/{process}/fd"))
        {
            if (InodeBehind(path) is { } inode) yield return (int.Parse(Path.GetFileName(path.AsSpan()), CultureInfo.InvariantCulture), inode);
        }
    }

    private static uint? InodeBehind(string descriptor)
    {
        try
        {
            string? link = new FileInfo(descriptor).LinkTarget;
            return link is not null && link.StartsWith(Start, StringComparison.Ordinal)
                && uint.TryParse(link.AsSpan(Start.Length).TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out uint inode)
                ? inode : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
