using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel;

/// <summary>How <see cref="ListenQueueExtensions.UseListenQueue"/> opens the listening sockets of an application's endpoints.</summary>
public sealed class ListenQueueOptions : ConnectionOptions
{
    /// <summary>The defaults.</summary>
    public ListenQueueOptions() => SettingNames = new(
        $"{ListenQueueConfiguration.Section}:{nameof(Backlog)}", $"{ListenQueueConfiguration.Section}:{nameof(Shards)}",
        $"{ListenQueueConfiguration.Section}:MaxConnections", $"{ListenQueueConfiguration.Section}:{nameof(AcceptMethod)}");

    /// <summary>How many connections may wait to be accepted. Default <see cref="Backlog.Max"/>: the kernel's cap (<c>net.core.somaxconn</c>).</summary>
    public Backlog Backlog { get; set; } = Backlog.Max;

    /// <summary>Listening sockets for each TCP address, with a queue each. Default one.</summary>
    public ShardCount Shards { get; set; } = ShardCount.One;

    /// <summary>The other options of listening sockets.</summary>
    public SocketOptions Socket { get; set; } = new();

    /// <summary>
    /// Takes the sockets that systemd has opened for the application's addresses (<c>LISTEN_FDS</c>), instead of opening them. They keep
    /// the backlog that the socket unit gives them. Default false.
    /// </summary>
    public bool SystemdSockets { get; set; }

    /// <summary>
    /// Path of a Unix socket over which a new process of the application takes the listening sockets over from the one that runs, so
    /// that nobody is turned away by a restart; the old one then stops. Only processes of the same user may. Default null: none. Linux only.
    /// </summary>
    public string? TakeoverSocket { get; set; }
}
