using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Linux;

/// <summary>fcntl(2) with F_SETFL: each write goes to the file's end, wherever another process or logrotate's copytruncate has put it.</summary>
internal static partial class AppendMode
{
    private const int SetStatusFlags = 4;
    private const int Append = 0x400;

    public static void Set(SafeFileHandle file) => _ = Fcntl(file, SetStatusFlags, Append);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(SafeFileHandle file, int command, int argument);
}
