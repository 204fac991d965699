using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>The calls that every kind of descriptor shares, close(2), fcntl(2), read(2) and write(2), and the flags that many calls take.</summary>
internal static partial class LibC
{
    /// <summary><c>O_NONBLOCK</c>, <c>SOCK_NONBLOCK</c>, <c>EFD_NONBLOCK</c> (include/uapi/asm-generic/fcntl.h).</summary>
    public const int NonBlocking = 0x800;

    /// <summary><c>O_CLOEXEC</c>, <c>SOCK_CLOEXEC</c>, <c>EPOLL_CLOEXEC</c>, <c>EFD_CLOEXEC</c>.</summary>
    public const int CloseOnExec = 0x80000;

    /// <summary><c>AT_FDCWD</c> (include/uapi/linux/fcntl.h).</summary>
    public const int CurrentFolder = -100;

    private const int SetDescriptorFlags = 2;
    private const int SetStatusFlags = 4;
    private const int DuplicateCloseOnExec = 1030;
    private const int FdCloseOnExec = 1;
    private const int Append = 0x400;

    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Sets close-on-exec on a descriptor that came from another process (F_SETFD).</summary>
    public static void SetCloseOnExec(SafeHandle descriptor) => _ = Fcntl(descriptor, SetDescriptorFlags, FdCloseOnExec);

    /// <summary>Each write goes to the file's end, wherever another process or logrotate's copytruncate has put it (F_SETFL).</summary>
    public static void SetAppend(SafeHandle file) => _ = Fcntl(file, SetStatusFlags, Append);

    /// <summary>A duplicate that is close-on-exec, with the lowest free number from <paramref name="lowest"/> on (F_DUPFD_CLOEXEC); -1 where none is free.</summary>
    public static int Duplicate(SafeHandle descriptor, int lowest = 0) => Fcntl(descriptor, DuplicateCloseOnExec, lowest);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeHandle descriptor, in ulong value, nuint size);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeHandle descriptor, out ulong value, nuint size);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeHandle descriptor, int command, int argument);
}
