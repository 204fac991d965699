using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>The status of a path or a descriptor from statx(2): its kind, and its stamp.</summary>
internal readonly partial record struct FileStatus(bool IsFolder, bool IsFile, bool IsSocket, FileStamp Stamp)
{
    private const int SymlinkNoFollow = 0x100;
    private const int EmptyPath = 0x1000;

    // STATX_TYPE, STATX_MTIME, STATX_CTIME, STATX_INO, STATX_SIZE.
    private const uint Wanted = 0x1 | 0x40 | 0x80 | 0x100 | 0x200;
    private const int FormatMask = 0xF000;
    private const int Folder = 0x4000;
    private const int RegularFile = 0x8000;
    private const int Socket = 0xC000;
    // The years 1684 and 2255: times beyond them don't fit into 64 bits of nanoseconds.
    private const long MaxSeconds = 9_000_000_000;

    public ulong Inode => Stamp.Inode;

    /// <summary>Returns the status of the path itself (links are not followed); null if it can't be read.</summary>
    public static FileStatus? OfPath(string path) => From(StatX(LibC.CurrentFolder, path, SymlinkNoFollow, Wanted, out Raw raw), raw);

    /// <summary>
    /// Returns the status of an open descriptor; null if it can't be read. A socket's inode is the number that sock_diag and /proc/PID/fd show.
    /// </summary>
    public static FileStatus? OfDescriptor(SafeHandle descriptor) => From(StatX(descriptor, "", EmptyPath, Wanted, out Raw raw), raw);

    /// <summary>Returns the stamp of the file that a path leads to; the default value if there is none.</summary>
    /// <param name="path">The path in UTF-8, with a final NUL.</param>
    public static FileStamp StampOf(ReadOnlySpan<byte> path) => StatX(LibC.CurrentFolder, path, 0, Wanted, out Raw raw) == 0 ? StampOf(raw) : default;

    /// <summary>Returns true if the path leads nowhere; false if it leads to a file or that is unknown.</summary>
    /// <param name="path">The path in UTF-8, with a final NUL.</param>
    public static bool IsNothingAt(ReadOnlySpan<byte> path) =>
        StatXOrError(LibC.CurrentFolder, path, 0, Wanted, out _) != 0 && LibC.LastError is Errno.ENOENT or Errno.ENOTDIR;

    private static FileStatus? From(int result, in Raw raw) => result != 0 ? null : new FileStatus(
        (raw.Mode & FormatMask) == Folder, (raw.Mode & FormatMask) == RegularFile, (raw.Mode & FormatMask) == Socket, StampOf(raw));

    private static FileStamp StampOf(in Raw raw) => new(
        raw.Inode, raw.Size, Nanoseconds(raw.ModifiedSeconds, raw.ModifiedNanoseconds), Nanoseconds(raw.ChangedSeconds, raw.ChangedNanoseconds));

    private static long Nanoseconds(long seconds, uint nanoseconds) =>
        Math.Clamp(seconds, -MaxSeconds, MaxSeconds) * FileStamp.NanosecondsInSecond + nanoseconds;

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, out Raw status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(SafeHandle descriptor, string path, int flags, uint mask, out Raw status);

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int StatX(int folder, ReadOnlySpan<byte> path, int flags, uint mask, out Raw status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatXOrError(int folder, ReadOnlySpan<byte> path, int flags, uint mask, out Raw status);

    /// <summary><c>struct statx</c> (include/uapi/linux/stat.h), the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Raw
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public long Size;
        [FieldOffset(96)] public long ChangedSeconds;
        [FieldOffset(104)] public uint ChangedNanoseconds;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
    }
}
