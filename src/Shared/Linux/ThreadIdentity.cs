using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>
/// setresuid(2) and setresgid(2) for one thread. The kernel keeps credentials for each thread; the C library's functions change all of them, so the calls
/// go by number (include/uapi/asm-generic/unistd.h, arch/x86/entry/syscalls/syscall_64.tbl).
/// </summary>
internal static partial class ThreadIdentity
{
    private static readonly (nint User, nint Group)? Numbers = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (117, 119),
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => (147, 149),
        _ => null,
    };

    /// <summary>Runs an action on a thread of its own, which acts as this user and group and then ends.</summary>
    /// <returns>False where this process may not act as that user, which takes CAP_SETUID and CAP_SETGID; the action was not run.</returns>
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
