using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>
/// pidfd_open(2) and pidfd_getfd(2): a duplicate of a descriptor that another process holds. By number, which is the same on every architecture
/// (include/uapi/asm-generic/unistd.h): the C library has had names for them since glibc 2.36 only.
/// </summary>
internal static partial class PidFd
{
    private const nint OpenNumber = 434;
    private const nint GetFdNumber = 438;

    /// <summary>A descriptor of the process; invalid, with errno in <see cref="Marshal.GetLastPInvokeError"/>, where the system refuses.</summary>
    public static SafeDescriptor Open(int process) => new((int)Call(OpenNumber, process, 0, 0));

    /// <summary>A duplicate of its descriptor <paramref name="descriptor"/>, close-on-exec; invalid, with errno set, where the system refuses.</summary>
    public static SafeDescriptor GetFd(SafeDescriptor process, int descriptor) => new((int)Call(GetFdNumber, process, descriptor, 0));

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, SafeDescriptor first, nint second, nint third);
}
