using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>System calls for every kind of descriptor (close(2), fcntl(2), read(2), write(2)), and flags shared by many calls.</summary>
internal static partial class LibC
{
    /// <summary><c>O_NONBLOCK</c>, <c>SOCK_NONBLOCK</c>, <c>EFD_NONBLOCK</c> (include/uapi/asm-generic/fcntl.h).</summary>
    public const int NonBlocking = 0x800;

    /// <summary><c>O_CLOEXEC</c>, <c>SOCK_CLOEXEC</c>, <c>EPOLL_CLOEXEC</c>, <c>EFD_CLOEXEC</c>.</summary>
    public const int CloseOnExec = 0x80000;

    /// <summary><c>AT_FDCWD</c> (include/uapi/linux/fcntl.h).</summary>
    public const int CurrentFolder = -100;

    private const int SetDescriptorFlags = 2;
    private const int DuplicateCloseOnExec = 1030;
    private const int FdCloseOnExec = 1;

    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Sets close-on-exec on a descriptor received from another process (F_SETFD).</summary>
    public static void SetCloseOnExec(SafeHandle descriptor) => _ = Fcntl(descriptor, SetDescriptorFlags, FdCloseOnExec);

    /// <summary>
    /// Duplicates a descriptor, close-on-exec, to the lowest free number from <paramref name="lowest"/> on (F_DUPFD_CLOEXEC). Returns -1 if none is free.
    /// </summary>
    public static int Duplicate(SafeHandle descriptor, int lowest = 0) => Fcntl(descriptor, DuplicateCloseOnExec, lowest);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    /// <summary>Calls write(2), which may write only part. Returns -1 with the errno in <see cref="LastError"/>.</summary>
    public static nint Write(SafeHandle descriptor, ReadOnlySpan<byte> bytes) => Write(descriptor, bytes, (nuint)bytes.Length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeHandle descriptor, ReadOnlySpan<byte> bytes, nuint size);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeHandle descriptor, out ulong value, nuint size);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeHandle descriptor, int command, int argument);
}
