using System.Globalization;
using Rcomm.Shared.Linux;
using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.HostQueues;

/// <summary>
/// Finds the cause of an errno from pidfd_open(2) or pidfd_getfd(2), which return EPERM for five reasons (ptrace(2), "access mode checking").
/// </summary>
internal static class RefusalCause
{
    private const string YamaScope = "/proc/sys/kernel/yama/ptrace_scope";

    // pidfd_getfd(2).
    private static readonly Version FirstKernel = new(5, 6);

    public static DuplicationException Of(SocketOwner owner, int errno) => new(CauseOf(owner, errno), owner, errno);

    private static DuplicationFailure CauseOf(SocketOwner owner, int errno) => (Errno)errno switch
    {
        Errno.ESRCH or Errno.EBADF or Errno.EINVAL => DuplicationFailure.ProcessGone,
        // seccomp filters also return it. Environment.OSVersion is uname(2)'s release.
        Errno.ENOSYS => Environment.OSVersion.Version >= FirstKernel ? DuplicationFailure.Seccomp : DuplicationFailure.KernelTooOld,
        Errno.EPERM when !MayDuplicateOwn() => DuplicationFailure.Seccomp,
        Errno.EPERM => CauseIn(ProcessStatus.Own, ProcessStatus.Of(owner.Id), ReadYamaScope()),
        _ => DuplicationFailure.Other,
    };

    /// <summary>Returns why the kernel's access check fails, from the status of both processes.</summary>
    internal static DuplicationFailure CauseIn(ProcessStatus own, ProcessStatus? other, int yamaScope) =>
        other is not { } target ? DuplicationFailure.ProcessGone
        : own.Has(ProcessStatus.SysPtrace) ? DuplicationFailure.SecurityModule
        : target.RealUser != own.RealUser || target.EffectiveUser != own.RealUser ? DuplicationFailure.OtherUser
        : yamaScope > 0 ? DuplicationFailure.Yama
        : DuplicationFailure.NotDumpable;

    // A process may always inspect itself, so only a filter can refuse this.
    private static bool MayDuplicateOwn()
    {
        using SafeDescriptor own = PidFd.Open(Environment.ProcessId);
        if (own.IsInvalid) return false;
        using SafeDescriptor copy = PidFd.GetFd(own, (int)own.DangerousGetHandle());
        return !copy.IsInvalid;
    }

    private static int ReadYamaScope()
    {
        try
        {
            return int.Parse(File.ReadAllText(YamaScope), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }
}
