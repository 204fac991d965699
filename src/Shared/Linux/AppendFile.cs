using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>
/// Opens files for appending (open(2), O_APPEND): each write goes to the end of the file, even if another process or logrotate's copytruncate has moved
/// it.
/// </summary>
internal static partial class AppendFile
{
    private const int WriteOnly = 0x1;
    private const int Create = 0x40;
    private const int Append = 0x400;

    // Read and write for all (0666), before the umask.
    private const int Mode = 0x1B6;

    /// <summary>
    /// Opens or creates the file without blocking: a FIFO without a reader is refused with <see cref="Errno.ENXIO"/>, and a full one with
    /// <see cref="Errno.EAGAIN"/> at the write. On failure the handle is invalid and <see cref="LibC.LastError"/> has the errno.
    /// </summary>
    public static SafeFileHandle Open(string path) => OpenFile(path, WriteOnly | Create | Append | LibC.NonBlocking | LibC.CloseOnExec, Mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFile(string path, int flags, int mode);
}
