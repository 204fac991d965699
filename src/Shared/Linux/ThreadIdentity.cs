using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>
/// Changes the user and group of one thread (setresuid(2), setresgid(2)). The kernel keeps credentials per thread, but the C library's functions change
/// all threads, so the calls go by number (include/uapi/asm-generic/unistd.h, arch/x86/entry/syscalls/syscall_64.tbl).
/// </summary>
internal static partial class ThreadIdentity
{
    private static readonly (nint User, nint Group)? Numbers = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (117, 119),
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => (147, 149),
        _ => null,
    };

    /// <summary>Runs an action on a new thread that has this user and group, and then ends.</summary>
    /// <returns>False if this process may not act as that user, which requires CAP_SETUID and CAP_SETGID; the action was not run.</returns>
    public static bool TryRunAs(uint user, uint group, Action action)
    {
        if (Numbers is not { } numbers) return false;
        bool ran = false;
        var thread = new Thread(() =>
        {
            if (Call(numbers.Group, -1, (int)group, -1) != 0 || Call(numbers.User, -1, (int)user, -1) != 0) return;
            action();
            ran = true;
        });
        thread.Start();
        thread.Join();
        return ran;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, nint real, nint effective, nint saved);
}
