using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>Lists the names in an open folder, byte for byte (getdents64(2)).</summary>
internal static partial class FolderEntries
{
    // struct linux_dirent64: d_ino, d_off, d_reclen, d_type, d_name.
    private const int LengthOffset = 16;
    private const int NameOffset = 19;
    private const int BufferSize = 32 << 10;

    /// <summary>Returns the names, without <c>.</c> and <c>..</c>; empty if it isn't a folder.</summary>
    public static IReadOnlyList<string> NamesIn(SafeHandle folder)
    {
        List<string> names = [];
        byte[] buffer = new byte[BufferSize];
        int read;
        while ((read = (int)GetDents(folder, buffer, BufferSize)) > 0)
        {
            for (int at = 0; at < read;)
            {
                int length = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + LengthOffset));
                ReadOnlySpan<byte> name = buffer.AsSpan(at + NameOffset, length - NameOffset);
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8)) names.Add(FileName.Decode(name));
                at += length;
            }
        }
        return names;
    }

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static partial nint GetDents(SafeHandle folder, [Out] byte[] buffer, nuint size);
}
