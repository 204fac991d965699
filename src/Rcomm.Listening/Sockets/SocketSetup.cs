using System.Net.Sockets;
using Rcomm.Listening.Addresses;
using Rcomm.Shared.Linux;

namespace Rcomm.Listening.Sockets;

/// <summary>
/// Sets the options of a listening socket before it is bound. A refused option is an error if it controls who may listen or connect, and a warning if
/// it only tunes. On Linux, accepted sockets inherit the options for connections (nodelay, keep-alive, buffers).
/// </summary>
internal static class SocketSetup
{
    // How many bytes the kernel takes beyond what the client's window has room for (tcp(7)). Without a limit it takes up to 4 MB (net.ipv4.tcp_wmem),
    // and copying that much for many slow readers starves everyone else of processor time.
    private const int MaxNotSent = 128 << 10;

    private const string FastOpenSetting = "/proc/sys/net/ipv4/tcp_fastopen";

    /// <summary>Applies the options. Returns a warning for each that was not accepted.</summary>
    /// <exception cref="ListenException">The system refused an option that the server can't do without.</exception>
    public static List<string> Apply(Socket socket, ListenAddress address, ListenSocketOptions options)
    {
        List<string> warnings = [];
        if (address.IsUnix) return warnings;

        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
            Require(address, "IPV6_V6ONLY", () => socket.DualMode = !options.IPv6Only);

        if (OperatingSystem.IsLinux())
            ApplyLinux(socket, address, options, warnings);
        else
            ApplyElsewhere(socket, options, warnings);
        return warnings;
    }

    /// <summary>Applies the options for accepted connections, which can also be set on a socket that already listens.</summary>
    public static List<string> ApplyForConnections(Socket socket, ListenAddress address, ListenSocketOptions options)
    {
        List<string> warnings = [];
        if (!address.IsUnix && OperatingSystem.IsLinux()) ApplyForConnections(socket, options, warnings);
        return warnings;
    }

    /// <summary>Verifies <c>SO_REUSEADDR</c> on a bound socket, so that no restart finds TIME_WAIT as "address already in use".</summary>
    /// <exception cref="ListenException">The option is off.</exception>
    public static void Verify(Socket socket, ListenAddress address)
    {
        if (OperatingSystem.IsLinux() && !address.IsUnix && SocketOption.ReuseAddress.Get(socket) == 0)
            throw new ListenException(address, ListenFailure.OptionRefused, "SO_REUSEADDR was set, but reads back as off.");
    }

    /// <summary>Lets other sockets of this user bind to the same address, each with its own queue (<c>SO_REUSEPORT</c>, socket(7)).</summary>
    /// <exception cref="ListenException">The system refused.</exception>
    public static void ShareAddress(Socket socket, ListenAddress address)
    {
        if (!OperatingSystem.IsLinux()) throw new ListenException(address, ListenFailure.OptionRefused, "shards need Linux (SO_REUSEPORT).");
        Require(address, SocketOption.ReusePort, socket, 1);
    }

    private static void ApplyLinux(Socket socket, ListenAddress address, ListenSocketOptions options, List<string> warnings)
    {
        Require(address, SocketOption.ReuseAddress, socket, 1);
        if (options.ReusePort) Require(address, SocketOption.ReusePort, socket, 1);
        if (options.FreeBind) Require(address, SocketOption.FreeBind, socket, 1);
        ApplyForConnections(socket, options, warnings);
    }

    private static void ApplyForConnections(Socket socket, ListenSocketOptions options, List<string> warnings)
    {
        if (options.DeferAccept is { } wait) Try(warnings, SocketOption.DeferAccept, socket, Seconds(wait));
        if (options.FastOpen is { } length)
        {
            Try(warnings, SocketOption.FastOpen, socket, length);
            if (!FastOpenIsOn())
                warnings.Add("TCP_FASTOPEN has no effect: net.ipv4.tcp_fastopen disables it for servers. Enable it: " +
                    "sysctl -w net.ipv4.tcp_fastopen=3");
        }
        if (options.ReceiveBuffer is { } receive) TryBuffer(warnings, SocketOption.ReceiveBuffer, socket, receive, "net.core.rmem_max");
        if (options.SendBuffer is { } send) TryBuffer(warnings, SocketOption.SendBuffer, socket, send, "net.core.wmem_max");

        Try(warnings, SocketOption.NotSentLowWater, socket, MaxNotSent);
        Try(warnings, SocketOption.NoDelay, socket, options.NoDelay ? 1 : 0);
        Try(warnings, SocketOption.KeepAlive, socket, options.KeepAlive is null ? 0 : 1);
        if (options.KeepAlive is not { } keepAlive) return;
        Try(warnings, SocketOption.KeepIdle, socket, Seconds(keepAlive.Idle));
        Try(warnings, SocketOption.KeepInterval, socket, Seconds(keepAlive.Interval));
        Try(warnings, SocketOption.KeepCount, socket, keepAlive.Count);
    }

    // On Windows SO_REUSEADDR would let a second server share the port; elsewhere .NET's Bind sets it for TCP.
    private static void ApplyElsewhere(Socket socket, ListenSocketOptions options, List<string> warnings)
    {
        if (OperatingSystem.IsWindows()) socket.ExclusiveAddressUse = true;
        if (options.ReusePort) warnings.Add("SO_REUSEPORT is set on Linux only.");
        if (options.FreeBind) warnings.Add("IP_FREEBIND is available on Linux only.");
        if (options.DeferAccept is not null) warnings.Add("TCP_DEFER_ACCEPT is available on Linux only.");
        if (options.FastOpen is not null) warnings.Add("TCP_FASTOPEN is set on Linux only.");
        if (options.ReceiveBuffer is { } receive) socket.ReceiveBufferSize = receive;
        if (options.SendBuffer is { } send) socket.SendBufferSize = send;
    }

    private static void Require(ListenAddress address, SocketOption option, Socket socket, int value) =>
        Require(address, option.Name, () => option.Set(socket, value));

    private static void Require(ListenAddress address, string option, Action set)
    {
        try
        {
            set();
        }
        catch (SocketException e)
        {
            throw new ListenException(address, ListenFailure.OptionRefused, $"the system refused {option} ({e.Message}).", e);
        }
    }

    private static void Try(List<string> warnings, SocketOption option, Socket socket, int value)
    {
        try
        {
            option.Set(socket, value);
        }
        catch (SocketException e)
        {
            warnings.Add($"the system refused {option.Name}={value} ({e.Message}); continuing without it.");
        }
    }

    // The kernel doubles the value for its own overhead, and silently caps it at the limit (socket(7)).
    private static void TryBuffer(List<string> warnings, SocketOption option, Socket socket, int bytes, string limit)
    {
        Try(warnings, option, socket, bytes);
        int kept = option.Get(socket) / 2;
        if (kept < bytes) warnings.Add($"{option.Name}={bytes}: the system kept {kept} bytes, capped by {limit}.");
    }

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);

    private static bool FastOpenIsOn()
    {
        try
        {
            return int.TryParse(File.ReadAllText(FastOpenSetting), out int bits) && (bits & 2) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
