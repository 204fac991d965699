using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>open(2) for appending: each write goes to the file's end, wherever another process or logrotate's copytruncate has put it.</summary>
internal static partial class AppendFile
{
    private const int WriteOnly = 0x1;
    private const int Create = 0x40;
    private const int Append = 0x400;

    // Read and write for all, less what the umask takes away.
    private const int Mode = 0x1B6;

    /// <summary>
    /// Opens or makes the file without waiting: a FIFO without a reader is refused with <see cref="Errno.ENXIO"/>, and a full one with
    /// <see cref="Errno.EAGAIN"/> at the write. Invalid, with errno in <see cref="LibC.LastError"/>, where the system refuses it.
    /// </summary>
    public static SafeFileHandle Open(string path) => OpenFile(path, WriteOnly | Create | Append | LibC.NonBlocking | LibC.CloseOnExec, Mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFile(string path, int flags, int mode);
}
