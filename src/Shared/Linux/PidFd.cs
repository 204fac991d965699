using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>
/// Duplicates a descriptor of another process: pidfd_open(2) and pidfd_getfd(2). Called by number, which is the same on every architecture
/// (include/uapi/asm-generic/unistd.h), since glibc has wrappers only since 2.36.
/// </summary>
internal static partial class PidFd
{
    private const nint OpenNumber = 434;
    private const nint GetFdNumber = 438;

    /// <summary>Opens a descriptor of the process. On failure it is invalid, with the errno in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public static SafeDescriptor Open(int process) => new((int)Call(OpenNumber, process, 0, 0));

    /// <summary>Duplicates the process's <paramref name="descriptor"/>, close-on-exec. On failure the result is invalid, with the errno set.</summary>
    public static SafeDescriptor GetFd(SafeDescriptor process, int descriptor) => new((int)Call(GetFdNumber, process, descriptor, 0));

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, SafeDescriptor first, nint second, nint third);
}
