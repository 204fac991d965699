namespace Rcomm.Listening.HostQueues;

/// <summary>Why another process's socket could not be duplicated.</summary>
public enum DuplicationFailure
{
    /// <summary>No process that this user may look into holds the socket, and CAP_SYS_PTRACE or CAP_DAC_READ_SEARCH is missing.</summary>
    OwnerHidden,

    /// <summary>No process under /proc holds the socket: it belongs to another PID namespace's process, or to the kernel.</summary>
    OwnerElsewhere,

    /// <summary>It is another user's process, and CAP_SYS_PTRACE is missing.</summary>
    OtherUser,

    /// <summary>It is this user's process, and Yama's <c>kernel.yama.ptrace_scope</c> forbids it without CAP_SYS_PTRACE.</summary>
    Yama,

    /// <summary>It is this user's process, but protects itself: it has changed its user or has capabilities (prctl(2), PR_SET_DUMPABLE).</summary>
    NotDumpable,

    /// <summary>A seccomp filter, as container runtimes set it, forbids the call.</summary>
    Seccomp,

    /// <summary>CAP_SYS_PTRACE is there, and a security module or another user namespace forbids it all the same.</summary>
    SecurityModule,

    /// <summary>The kernel has no pidfd_getfd(2): it is older than 5.6, or not Linux.</summary>
    KernelTooOld,

    /// <summary>The process has ended, or has closed the socket, in the meantime.</summary>
    ProcessGone,

    /// <summary>The socket does not listen (any more).</summary>
    NotListening,

    /// <summary>A Unix socket's clients would see another user as its listener (unix(7), SO_PEERCRED): CAP_SETUID or CAP_SETGID is missing.</summary>
    ListenerUser,

    /// <summary>Anything else; the exception has the errno.</summary>
    Other,
}

/// <summary>Another process's socket could not be duplicated.</summary>
public sealed class DuplicationException : IOException
{
    internal DuplicationException(DuplicationFailure failure, SocketOwner? owner = null, int errno = 0)
        : base($"the socket of {owner?.ToString() ?? "an unknown process"} cannot be duplicated: {failure}{(errno == 0 ? "" : $" (errno {errno})")}") =>
        (Failure, Owner, Errno) = (failure, owner, errno);

    /// <summary>Why, for code that acts on it.</summary>
    public DuplicationFailure Failure { get; }

    /// <summary>The process that holds the socket; null where none can be seen.</summary>
    public SocketOwner? Owner { get; }

    /// <summary>The system's error number; 0 where none is the cause.</summary>
    public int Errno { get; }
}
