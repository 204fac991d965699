using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Rcomm.Site.Files;

namespace Rcomm.Linux;

/// <summary>What statx(2) says of a file: its kind, and what changes when its content does.</summary>
internal static partial class FileStatus
{
    private const int AtCwd = -100;
    private const int EmptyPath = 0x1000;
    private const uint Wanted = 0x1 | 0x40 | 0x80 | 0x100 | 0x200;
    private const int FormatMask = 0xF000;
    private const int Folder = 0x4000;
    private const int RegularFile = 0x8000;
    private const long NanosecondsInSecond = 1_000_000_000;

    /// <summary>The kind, and where it is a file its stamp, of an open descriptor.</summary>
    public static (bool IsFolder, bool IsFile, FileStamp Stamp) Of(SafeFileHandle handle)
    {
        int result = OfDescriptor(handle, "", EmptyPath, Wanted, out Raw raw);
        return result != 0 ? default : ((raw.Mode & FormatMask) == Folder, (raw.Mode & FormatMask) == RegularFile, StampOf(raw));
    }

    /// <summary>The stamp of the file that a path leads to now; default where it leads nowhere.</summary>
    /// <param name="path">UTF-8, with a zero at its end.</param>
    public static FileStamp StampOf(ReadOnlySpan<byte> path) => OfPath(AtCwd, path, 0, Wanted, out Raw raw) == 0 ? StampOf(raw) : default;

    private static FileStamp StampOf(in Raw raw) => new(
        raw.Inode, raw.Size, raw.ModifiedSeconds * NanosecondsInSecond + raw.ModifiedNanoseconds, raw.ChangedSeconds * NanosecondsInSecond + raw.ChangedNanoseconds);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OfDescriptor(SafeFileHandle file, string path, int flags, uint mask, out Raw status);

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int OfPath(int folder, ReadOnlySpan<byte> path, int flags, uint mask, out Raw status);

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
