using System.Diagnostics.CodeAnalysis;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>How connections are taken off the listen queue. Linux only; elsewhere .NET's sockets do it.</summary>
public enum AcceptMethod
{
    /// <summary>The better one on this system, see <see cref="AcceptMethods.Resolve"/>.</summary>
    Auto,

    /// <summary>
    /// io_uring(7): the kernel accepts each connection as it comes, also while the accept loop's thread stands still. They then wait in a ring of this
    /// process, which is as long as its limit
    /// of descriptors allows. Linux 6.3 or later, where it isn't forbidden. Unix sockets, whose clients wait until the queue has room, are accepted from
    /// by accept4(2) all the same.
    /// </summary>
    IoUring,

    /// <summary>accept4(2): the accept loop's thread takes one connection after the other.</summary>
    Accept4,
}

/// <summary>How accept methods are written, and which of them this system has.</summary>
public static class AcceptMethods
{
    private static readonly Lazy<string?> NoIoUring = new(LookForIoUring);

    /// <summary>
    /// The one that is used on this system where another was asked for: what the system does not have is <see cref="AcceptMethod.Accept4"/>.
    /// </summary>
    public static AcceptMethod Resolve(AcceptMethod asked) =>
        asked == AcceptMethod.IoUring && WhyNoIoUring() is null ? AcceptMethod.IoUring : AcceptMethod.Accept4;

    /// <summary>True where the kernel could accept ahead of the accept loop, and does not with this method.</summary>
    public static bool CouldAcceptAhead(AcceptMethod asked) => Resolve(asked) == AcceptMethod.Accept4 && WhyNoIoUring() is null;

    /// <summary>Why this system has no <see cref="AcceptMethod.IoUring"/>, as a part of a sentence; null where it has it.</summary>
    public static string? WhyNoIoUring() => NoIoUring.Value;

    /// <summary>The name as it is written: <c>auto</c>, <c>io_uring</c> or <c>accept4</c>.</summary>
    public static string NameOf(AcceptMethod method) => method switch
    {
        AcceptMethod.Auto => "auto",
        AcceptMethod.IoUring => "io_uring",
        _ => "accept4",
    };

    /// <summary>Reads such a name. What this system does not have is an error.</summary>
    /// <param name="text">The name.</param>
    /// <param name="method">What it stands for.</param>
    /// <param name="error">What to write instead, to follow a colon.</param>
    public static bool TryParse(string text, out AcceptMethod method, [NotNullWhen(false)] out string? error)
    {
        method = Enum.GetValues<AcceptMethod>().FirstOrDefault(one => NameOf(one).Equals(text, StringComparison.OrdinalIgnoreCase));
        error = method == AcceptMethod.Auto && !text.Equals(NameOf(method), StringComparison.OrdinalIgnoreCase) ? "write auto, io_uring or accept4"
            : method == AcceptMethod.IoUring && WhyNoIoUring() is { } why ? $"{why}; write auto or accept4"
            : null;
        return error is null;
    }

    private static string? LookForIoUring()
    {
        if (!OperatingSystem.IsLinux()) return "only Linux has io_uring";
        using IoUring? ring = IoUring.TryOpen(1, out Errno error);
        return error switch
        {
            Errno.None => DescriptorLimit.CountInUse() is null ? "io_uring needs /proc here, to count the open files of this process" : null,
            Errno.ENOSYS => "this kernel has no io_uring, or an older one than that of Linux 6.3 (ENOSYS)",
            Errno.EPERM or Errno.EACCES => $"io_uring is forbidden here ({error}), by sysctl kernel.io_uring_disabled or by a container's seccomp profile",
            _ => $"the kernel refuses an io_uring ({error})",
        };
    }
}
