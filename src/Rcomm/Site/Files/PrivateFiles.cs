using System.Text;
using Rcomm.Shared.Linux;

namespace Rcomm.Site.Files;

/// <summary>Files that are never served, under whatever name: the server's own configuration, passwords, keys and logs.</summary>
/// <param name="paths">Their full paths. What is there may change; each time the file that is there now counts.</param>
internal sealed class PrivateFiles(IReadOnlyList<string> paths)
{
    private readonly (string Path, byte[] Terminated)[] _files = [.. paths.Select(path => (path, Encoding.UTF8.GetBytes(path + '\0')))];

    /// <summary>True for a file that is one of them, also by another link to it.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="stamp">What it is: on Linux a file is known by this, whatever its path.</param>
    public bool Contains(string path, in FileStamp stamp)
    {
        foreach ((string one, byte[] terminated) in _files)
        {
            if (one == path) return true;
            // Two file systems may give the same number to two files, but not with the same length and times.
            if (OperatingSystem.IsLinux() && stamp != default && FileStatus.StampOf(terminated) is var own && own.Inode == stamp.Inode
                && IsSame(own, stamp)) return true;
        }
        return false;
    }

    // A log may grow between the two looks.
    private static bool IsSame(in FileStamp own, in FileStamp other) => own == other || own.Length > other.Length;
}
