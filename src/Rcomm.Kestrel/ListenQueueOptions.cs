using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel;

/// <summary>Configures how <see cref="ListenQueueExtensions.UseListenQueue"/> opens the listening sockets of an application's endpoints.</summary>
public sealed class ListenQueueOptions : ConnectionOptions
{
    /// <summary>Initializes the options with their defaults.</summary>
    public ListenQueueOptions() => SettingNames = new(
        $"{ListenQueueConfiguration.Section}:{nameof(Backlog)}", $"{ListenQueueConfiguration.Section}:{nameof(Shards)}",
        $"{ListenQueueConfiguration.Section}:MaxConnections", $"{ListenQueueConfiguration.Section}:{nameof(AcceptMethod)}");

    /// <summary>
    /// Gets or sets how many connections may wait to be accepted. Default <see cref="Backlog.Max"/>: the kernel's cap (<c>net.core.somaxconn</c>).
    /// </summary>
    public Backlog Backlog { get; set; } = Backlog.Max;

    /// <summary>Gets or sets the number of listening sockets, each with its own queue, for each TCP address. Default one.</summary>
    public ShardCount Shards { get; set; } = ShardCount.One;

    /// <summary>Gets or sets the other socket options.</summary>
    public SocketOptions Socket { get; set; } = new();

    /// <summary>
    /// Gets or sets whether to use sockets that systemd has opened for the application's addresses (<c>LISTEN_FDS</c>), instead of opening them. They
    /// keep the backlog of the socket unit. Default false.
    /// </summary>
    public bool SystemdSockets { get; set; }

    /// <summary>
    /// Gets or sets the path of a Unix socket through which a new process of the application takes over the listening sockets of the running one, so
    /// that a restart refuses no connection. The old process then stops. Only processes of the same user can do so. Default null: none. Linux only.
    /// </summary>
    public string? TakeoverSocket { get; set; }
}
