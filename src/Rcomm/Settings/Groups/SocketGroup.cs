namespace Rcomm.Settings.Groups;

/// <summary>The options of the listening sockets, under the kernel's names.</summary>
internal static class SocketGroup
{
    public static readonly SettingGroup Group = new("Socket options");

    public static readonly Setting<UnixFileMode> UnixMode = new(Group, "unix-mode", "0660", ValueKinds.FileMode,
        "the mode of a Unix socket's file, in octal");

    public static readonly Setting<bool> NoDelay = new(Group, "no-delay", "on", ValueKinds.Switch,
        "TCP_NODELAY: send small responses at once");

    public static readonly Setting<bool> KeepAlive = new(Group, "keepalive", "on", ValueKinds.Switch,
        "SO_KEEPALIVE: check whether silent clients are still there");

    public static readonly Setting<TimeSpan> KeepAliveIdle = new(Group, "keepalive-idle", "60s", ValueKinds.WholeSeconds,
        "TCP_KEEPIDLE: silence before the first keepalive probe");

    public static readonly Setting<TimeSpan> KeepAliveInterval = new(Group, "keepalive-interval", "10s", ValueKinds.WholeSeconds,
        "TCP_KEEPINTVL: time between keepalive probes");

    public static readonly Setting<int> KeepAliveCount = new(Group, "keepalive-count", "5", ValueKinds.Number(1, 127),
        "TCP_KEEPCNT: unanswered probes before a connection is closed");

    public static readonly Setting<TimeSpan?> DeferAccept = new(Group, "defer-accept", "", ValueKinds.WholeSecondsOrNone,
        "TCP_DEFER_ACCEPT: accept a connection only when its first bytes have arrived, or after this time");

    public static readonly Setting<int?> FastOpen = new(Group, "fast-open", "", ValueKinds.NumberOrNone(1, int.MaxValue),
        "TCP_FASTOPEN: maximum number of waiting connections whose first bytes came with the SYN");

    public static readonly Setting<bool> FreeBind = new(Group, "freebind", "off", ValueKinds.Switch,
        "IP_FREEBIND: listen on an address that the machine doesn't have yet");

    public static readonly Setting<bool> IPv6Only = new(Group, "ipv6-only", "off", ValueKinds.Switch,
        "IPV6_V6ONLY: [::] doesn't accept IPv4 clients");

    public static readonly Setting<int?> ReceiveBuffer = new(Group, "receive-buffer", "", ValueKinds.SizeOrNone,
        "SO_RCVBUF, e.g. 256k; if unset, the kernel decides");

    public static readonly Setting<int?> SendBuffer = new(Group, "send-buffer", "", ValueKinds.SizeOrNone,
        "SO_SNDBUF, e.g. 256k; if unset, the kernel decides");
}
