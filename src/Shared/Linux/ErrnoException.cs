using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>The exception thrown if a system call fails, with the call's name and the kernel's error.</summary>
internal sealed class ErrnoException(string call, Errno errno) : IOException($"{call}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({errno})")
{
    public Errno Errno => errno;

    /// <summary>Creates the exception for the last call.</summary>
    public static ErrnoException Last(string call) => new(call, LibC.LastError);
}
