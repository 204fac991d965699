using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>Reads files that the kernel has in memory (preadv2(2) with <c>RWF_NOWAIT</c>).</summary>
internal static partial class PageCache
{
    private const int NoWait = 0x08;

    /// <summary>
    /// Reads the bytes that are in memory, up to the first that isn't. Returns false if a read would wait for the disk, or may do so: some file systems,
    /// e.g. overlayfs, can't tell.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="offset">The offset in the file.</param>
    /// <param name="count">The number of bytes read; 0 at the end of the file.</param>
    public static unsafe bool TryRead(SafeFileHandle file, Span<byte> buffer, long offset, out int count)
    {
        fixed (byte* start = buffer)
        {
            var vector = new IoVector { Start = start, Length = (nuint)buffer.Length };
            count = (int)ReadAt(file, in vector, 1, offset, NoWait);
        }
        return count >= 0;
    }

    [LibraryImport("libc", EntryPoint = "preadv2")]
    private static partial nint ReadAt(SafeFileHandle file, in IoVector vectors, int count, long offset, int flags);
}
