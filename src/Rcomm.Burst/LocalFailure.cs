using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst;

/// <summary>Describes errors of this machine's kernel, and what to do about them. They never count as the server's fault.</summary>
internal static class LocalFailure
{
    public static BurstException Of(Errno error, string call) => error switch
    {
        Errno.EMFILE => new(BurstFailure.FileLimit,
            "this process can't open more files (EMFILE). Raise the limit with ulimit -n, or use fewer connections or a lower --rate."),
        Errno.ENFILE => new(BurstFailure.FileLimit,
            "the system can't open more files (ENFILE). Raise the limit with sysctl -w fs.file-max=1000000, or use fewer connections."),
        Errno.EPERM or Errno.EACCES => new(BurstFailure.NoRoute,
            $"this machine forbids {call} ({error}): a local firewall rule, or a Unix socket that this user may not open."),
        _ => new(BurstFailure.System, $"{call}: {Marshal.GetPInvokeErrorMessage((int)error)} ({error})."),
    };

    /// <summary>Describes a failure of connect(2) itself, before any answer from the target.</summary>
    public static BurstException OfConnect(Errno error, BurstTarget target, int sources) => error switch
    {
        Errno.EADDRNOTAVAIL => new(BurstFailure.PortsExhausted,
            string.Create(CultureInfo.InvariantCulture,
                $"the local ports ran out (EADDRNOTAVAIL): a source address has {PortRange.Read().Count:N0} for one target, and connections came from "
                    + $"{Math.Max(1, sources)}. {MorePorts(target)}")),
        Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EHOSTDOWN => new(BurstFailure.NoRoute,
            $"this machine has no route to {target.Address} ({error}). Check the address, and the output of ip route."),
        Errno.ENOENT => new(BurstFailure.NoRoute, $"{target.Address} does not exist (ENOENT). Check the path, and whether the server is running."),
        _ => Of(error, $"connect to {target.Address}"),
    };

    /// <summary>Describes bind(2)'s refusal of a source address.</summary>
    public static BurstException OfBind(Errno error, IPAddress source) => error == Errno.EADDRNOTAVAIL
        ? new(BurstFailure.SourceNotAvailable,
            $"this machine doesn't have the source address {source} (EADDRNOTAVAIL). Use other addresses with --sources; ip address lists them.")
        : Of(error, $"bind to {source}");

    private static string MorePorts(BurstTarget target) => target.IsPrivate
        ? "Spread over more with --sources 127.0.0.2-127.0.0.65 (loopback) or addresses of this machine, wait a minute for closed ports, or widen "
            + "net.ipv4.ip_local_port_range."
        : "Give more addresses of this machine with --sources, wait a minute for closed ports, or widen net.ipv4.ip_local_port_range.";
}
