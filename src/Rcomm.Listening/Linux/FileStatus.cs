using System.Runtime.InteropServices;

namespace Rcomm.Listening.Linux;

/// <summary>What statx(2) says of a path or a descriptor: its kind and its number.</summary>
internal readonly partial record struct FileStatus(bool IsSocket, ulong Inode)
{
    private const int AtCwd = -100;
    private const int SymlinkNoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint TypeAndInode = 0x1 | 0x100;
    private const int FormatMask = 0xF000;
    private const int Socket = 0xC000;

    /// <summary>The status of what stands at the path itself (a link is not followed); null where nothing can be seen there.</summary>
    public static FileStatus? OfPath(string path) => From(StatX(AtCwd, path, SymlinkNoFollow, TypeAndInode, out Raw raw), raw);

    /// <summary>The status of an open descriptor; for a socket the inode is the number that sock_diag and /proc/PID/fd show.</summary>
    public static FileStatus? OfDescriptor(SafeHandle descriptor)
    {
        bool held = false;
        try
        {
            descriptor.DangerousAddRef(ref held);
            return From(StatX((int)descriptor.DangerousGetHandle(), "", EmptyPath, TypeAndInode, out Raw raw), raw);
        }
        finally
        {
            if (held) descriptor.DangerousRelease();
        }
    }

    private static FileStatus? From(int result, in Raw raw) =>
        result == 0 ? new FileStatus((raw.Mode & FormatMask) == Socket, raw.Inode) : null;

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, out Raw status);

    /// <summary><c>struct statx</c> (include/uapi/linux/stat.h), the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Raw
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
    }
}
