using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>A system call failed: its name and the kernel's error, nothing else.</summary>
internal sealed class ErrnoException(string call, Errno errno) : IOException($"{call}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({errno})")
{
    public Errno Errno => errno;

    /// <summary>The error of the call just made.</summary>
    public static ErrnoException Last(string call) => new(call, LibC.LastError);
}
