using System.Diagnostics.CodeAnalysis;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Accepting;

/// <summary>Specifies how connections are accepted. Linux only; elsewhere .NET's sockets accept.</summary>
public enum AcceptMethod
{
    /// <summary>The best method on this system; see <see cref="AcceptMethods.Resolve"/>.</summary>
    Auto,

    /// <summary>
    /// io_uring(7): the kernel accepts each connection as it arrives, even while the accept loop's thread isn't running. Connections then wait in a
    /// ring of this process, which is as long as its limit of descriptors allows. Linux 6.3 or later, unless io_uring is forbidden. Unix sockets
    /// still use accept4(2), since their clients wait until the queue has room.
    /// </summary>
    IoUring,

    /// <summary>accept4(2): the accept loop's thread accepts connections one by one.</summary>
    Accept4,
}

/// <summary>Names the accept methods and tells which of them this system supports.</summary>
public static class AcceptMethods
{
    private static readonly Lazy<string?> NoIoUring = new(LookForIoUring);

    /// <summary>Returns the method that is used on this system: <see cref="AcceptMethod.Accept4"/> unless the requested one is supported.</summary>
    public static AcceptMethod Resolve(AcceptMethod asked) =>
        asked == AcceptMethod.IoUring && WhyNoIoUring() is null ? AcceptMethod.IoUring : AcceptMethod.Accept4;

    /// <summary>Returns true if the kernel could accept ahead of the accept loop, but doesn't with this method.</summary>
    public static bool CouldAcceptAhead(AcceptMethod asked) => Resolve(asked) == AcceptMethod.Accept4 && WhyNoIoUring() is null;

    /// <summary>Returns why this system doesn't support <see cref="AcceptMethod.IoUring"/>, as part of a sentence; null if it does.</summary>
    public static string? WhyNoIoUring() => NoIoUring.Value;

    /// <summary>Returns the method's name: <c>auto</c>, <c>io_uring</c> or <c>accept4</c>.</summary>
    public static string NameOf(AcceptMethod method) => method switch
    {
        AcceptMethod.Auto => "auto",
        AcceptMethod.IoUring => "io_uring",
        _ => "accept4",
    };

    /// <summary>Parses a method's name. Returns false if it isn't valid or this system doesn't support the method.</summary>
    /// <param name="text">The name.</param>
    /// <param name="method">The method.</param>
    /// <param name="error">What to write instead, as text to follow a colon.</param>
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
            Errno.ENOSYS => "this kernel has no io_uring, or one older than that of Linux 6.3 (ENOSYS)",
            Errno.EPERM or Errno.EACCES => $"io_uring is forbidden here ({error}), by sysctl kernel.io_uring_disabled or by a container's seccomp profile",
            _ => $"the kernel refuses an io_uring ({error})",
        };
    }
}
