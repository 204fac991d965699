using Rcomm.Listening.HostQueues;

namespace Rcomm.HostQueues;

/// <summary>Explains why another program's queue could not be resized, and what to type instead.</summary>
internal static class ResizeRefusal
{
    public static string Explain(DuplicationException refusal, HostQueue queue) => refusal.Failure switch
    {
        DuplicationFailure.OwnerHidden =>
            $"the socket belongs to {User(queue)}, and CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH are needed to look into that process. " +
            "Run the command as root: sudo rcomm backlog …",
        DuplicationFailure.OwnerElsewhere =>
            "no visible process owns the socket. It belongs to a process of another PID namespace (run rcomm on the host, or in a " +
            "container that shares the " +
            "host's PID namespace), or to the kernel itself.",
        DuplicationFailure.OtherUser =>
            $"{refusal.Owner} runs as another user, and CAP_SYS_PTRACE is needed to resize its queue. Run the command as root: sudo rcomm backlog …",
        DuplicationFailure.Yama =>
            $"kernel.yama.ptrace_scope is not 0, so even {refusal.Owner}, which runs as the same user, can only be resized with CAP_SYS_PTRACE. " +
            "Run the command as root (sudo), " +
            "or allow it until the next boot: sudo sysctl -w kernel.yama.ptrace_scope=0",
        DuplicationFailure.NotDumpable =>
            $"{refusal.Owner} is protected, because it has changed its user or has its own capabilities. CAP_SYS_PTRACE is needed to resize its queue: " +
            "sudo rcomm backlog …",
        DuplicationFailure.Seccomp =>
            "a seccomp filter forbids pidfd_getfd(2), as container runtimes do. Run rcomm on the host, or give its container CAP_SYS_PTRACE and a " +
            "profile that allows the call " +
            "(docker run --cap-add SYS_PTRACE; Kubernetes: securityContext.capabilities.add: [SYS_PTRACE]).",
        DuplicationFailure.SecurityModule =>
            $"the kernel refuses to duplicate a descriptor of {refusal.Owner} despite CAP_SYS_PTRACE: a security module (SELinux, " +
            "AppArmor) forbids it, or the process " +
            "belongs to a user namespace above this one. `journalctl -k` may name the rule.",
        DuplicationFailure.KernelTooOld =>
            "this kernel has no pidfd_getfd(2), which Linux has since 5.6. Change the server's own setting and restart it.",
        DuplicationFailure.ProcessGone => $"{refusal.Owner} has ended, or closed the socket, in the meantime.",
        DuplicationFailure.ListenerUser =>
            "its clients would see another user as the server's (SO_PEERCRED), unless rcomm may call listen(2) as that user. " +
            "This needs CAP_SETUID and CAP_SETGID: sudo rcomm backlog …",
        DuplicationFailure.NotListening => "the socket no longer listens.",
        _ => $"{refusal.Owner}: the system refused (errno {refusal.Errno}).",
    };

    private static string User(HostQueue queue) => queue.Uid is { } user ? $"user {user}" : "another user";
}
