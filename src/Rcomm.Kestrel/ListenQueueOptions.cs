using Rcomm.Kestrel.Logging;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel;

/// <summary>How Kestrel takes connections from a listen queue.</summary>
/// <remarks>
/// <see cref="Backlog"/>, <see cref="Shards"/>, <see cref="Socket"/>, <see cref="SystemdSockets"/> and <see cref="TakeoverSocket"/> say how
/// <see cref="ListenQueueExtensions.UseListenQueue"/> opens sockets; sockets that the application has opened itself are as it made them.
/// </remarks>
public sealed class ListenQueueOptions
{
    /// <summary>How many connections may wait to be accepted. Default <see cref="Backlog.Max"/>: the kernel's cap (<c>net.core.somaxconn</c>).</summary>
    public Backlog Backlog { get; set; } = Backlog.Max;

    /// <summary>Listening sockets for each TCP address, with a queue each. Default one.</summary>
    public ShardCount Shards { get; set; } = ShardCount.One;

    /// <summary>The other options of listening sockets; its backlog is not used, <see cref="Backlog"/> is.</summary>
    public ListenSocketOptions Socket { get; set; } = new();

    /// <summary>
    /// Takes the sockets that systemd has opened for the application's addresses (<c>LISTEN_FDS</c>), instead of opening them. They keep the backlog that
    /// the socket unit gives them. Default false.
    /// </summary>
    public bool SystemdSockets { get; set; }

    /// <summary>
    /// Path of a Unix socket over which a new process of the application takes the listening sockets over from the one that runs, so that nobody is turned away by a
    /// restart; the old one then stops. Only processes of the same user may. Default null: none. Linux only.
    /// </summary>
    public string? TakeoverSocket { get; set; }

    /// <summary>
    /// When the server stops accepting: how long connections without a request may stay open before they count as idle and are closed.
    /// Default 1 s. A client whose handshake is done believes it is connected, and one that was just answered may be about to ask
    /// again: its request can be on the way.
    /// </summary>
    public TimeSpan IdleGrace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A bound on the open connections of all listening sockets together. Default null: none.</summary>
    public ConnectionLimit? Limit { get; set; }

    /// <summary>
    /// What happens to connections past the <see cref="Limit"/>. False (default): they wait in the listen queue. True: they are answered
    /// <c>503 Service Unavailable</c> with <c>Retry-After</c> at once, in plain HTTP/1.1; leave it false for TLS.
    /// </summary>
    public bool TurnAwayPastLimit { get; set; }

    /// <summary>What the monitor of each queue watches for.</summary>
    public QueueMonitorOptions Monitor { get; set; } = new();

    /// <summary>How connections are read and written. Default <see cref="ConnectionTransport.Sockets"/>: as without rcomm.</summary>
    public ConnectionTransport Transport { get; set; }

    /// <summary>
    /// The answers that each listening socket has ready: plain requests are then answered on the thread that received them, without Kestrel. Default null: none. With
    /// <see cref="ConnectionTransport.Epoll"/> and <see cref="ConnectionTransport.EpollInline"/>.
    /// </summary>
    public Func<ListenSocket, IReadyAnswers?>? ReadyAnswers { get; set; }

    /// <summary>
    /// Kestrel gets a connection when its first bytes are there, not when it is accepted, and one that sends nothing for so long is closed: a burst costs less, and silent
    /// connections take less memory. Default null: Kestrel gets it when it is accepted. Only where clients speak first, as with HTTP and TLS. With <see cref="ConnectionTransport.Epoll"/> and
    /// <see cref="ConnectionTransport.EpollInline"/>.
    /// </summary>
    public TimeSpan? FirstBytesTimeout { get; set; }

    // Set by UseListenQueue: endpoints that name an address are ours to open.
    internal bool TakesEveryEndpoint { get; set; }

    internal SettingNames Names => TakesEveryEndpoint ? SettingNames.OfApplication : SettingNames.OfProgram;
}
