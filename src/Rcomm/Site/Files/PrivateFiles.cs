using System.Text;
using Rcomm.Shared.Linux;

namespace Rcomm.Site.Files;

/// <summary>Files that are never served under any name: the server's configuration, passwords, keys and logs.</summary>
/// <param name="paths">Their full paths. Only the files that are there at the time of a request count.</param>
internal sealed class PrivateFiles(IReadOnlyList<string> paths)
{
    private readonly (string Path, byte[] Terminated)[] _files = [.. paths.Select(path => (path, Encoding.UTF8.GetBytes(path + '\0')))];

    /// <summary>Returns true for one of these files, even through another link to it.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="stamp">The stamp, which identifies a file on Linux, whatever its path.</param>
    public bool Contains(string path, in FileStamp stamp)
    {
        foreach ((string one, byte[] terminated) in _files)
        {
            if (one == path) return true;
            // Files on two file systems may have the same inode number, but not the same length and times.
            if (OperatingSystem.IsLinux() && stamp != default && FileStatus.StampOf(terminated) is var own && own.Inode == stamp.Inode
                && IsSame(own, stamp)) return true;
        }
        return false;
    }

    // A log may grow between the two readings.
    private static bool IsSame(in FileStamp own, in FileStamp other) => own == other || own.Length > other.Length;
}
