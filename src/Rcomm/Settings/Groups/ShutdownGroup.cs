namespace Rcomm.Settings.Groups;

/// <summary>The settings for how a server stops or is replaced.</summary>
internal static class ShutdownGroup
{
    public static readonly SettingGroup Group = new("Shutdown");

    public static readonly Setting<TimeSpan> DrainDelay = new(Group, "drain-delay", "0s", ValueKinds.Time,
        "how long to keep accepting after /readyz has begun to fail, so that load balancers notice");

    public static readonly Setting<TimeSpan> ShutdownTimeout = new(Group, "shutdown-timeout", "30s", ValueKinds.Time,
        "how long requests in flight may take to finish after SIGTERM or Ctrl-C");

    public static readonly Setting<bool> Takeover = new(Group, "takeover", "off", ValueKinds.Switch,
        "take over the listening sockets of the server at the control socket, without dropping connections");
}
