namespace Rcomm.Listening.HostQueues;

/// <summary>Specifies why another process's socket could not be duplicated.</summary>
public enum DuplicationFailure
{
    /// <summary>No process visible to this user holds the socket, and CAP_SYS_PTRACE or CAP_DAC_READ_SEARCH is missing.</summary>
    OwnerHidden,

    /// <summary>No process under /proc holds the socket: it belongs to a process in another PID namespace, or to the kernel.</summary>
    OwnerElsewhere,

    /// <summary>The process belongs to another user, and CAP_SYS_PTRACE is missing.</summary>
    OtherUser,

    /// <summary>The process belongs to this user, but Yama's <c>kernel.yama.ptrace_scope</c> forbids access without CAP_SYS_PTRACE.</summary>
    Yama,

    /// <summary>
    /// The process belongs to this user but isn't dumpable: it has changed its user or has capabilities (prctl(2), PR_SET_DUMPABLE).
    /// </summary>
    NotDumpable,

    /// <summary>A seccomp filter, e.g. a container runtime's, forbids the call.</summary>
    Seccomp,

    /// <summary>CAP_SYS_PTRACE is present, but a security module or another user namespace forbids access.</summary>
    SecurityModule,

    /// <summary>The kernel doesn't support pidfd_getfd(2): it is older than 5.6, or not Linux.</summary>
    KernelTooOld,

    /// <summary>The process has exited or closed the socket in the meantime.</summary>
    ProcessGone,

    /// <summary>The socket doesn't listen, or no longer does.</summary>
    NotListening,

    /// <summary>
    /// Clients of the Unix socket would see another user as its listener (unix(7), SO_PEERCRED): CAP_SETUID or CAP_SETGID is missing.
    /// </summary>
    ListenerUser,

    /// <summary>Another error; the exception has the errno.</summary>
    Other,
}

/// <summary>The exception thrown if another process's socket can't be duplicated.</summary>
public sealed class DuplicationException : IOException
{
    internal DuplicationException(DuplicationFailure failure, SocketOwner? owner = null, int errno = 0)
        : base($"the socket of {owner?.ToString() ?? "an unknown process"} cannot be duplicated: {failure}{(errno == 0 ? "" : $" (errno {errno})")}") =>
        (Failure, Owner, Errno) = (failure, owner, errno);

    /// <summary>Gets the reason, for code that acts on it.</summary>
    public DuplicationFailure Failure { get; }

    /// <summary>Gets the process that holds the socket; null if none is visible.</summary>
    public SocketOwner? Owner { get; }

    /// <summary>Gets the system's error number; 0 if there was none.</summary>
    public int Errno { get; }
}
