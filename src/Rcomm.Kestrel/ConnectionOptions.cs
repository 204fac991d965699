using Rcomm.Listening.Accepting;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel;

/// <summary>Configures how Kestrel gets and serves the connections of listening sockets, and how their queues are monitored.</summary>
public class ConnectionOptions
{
    /// <summary>
    /// Gets or sets how long connections without a request may stay open once the server stops accepting, before they count as idle and are closed.
    /// Default 1 s. A request may still be in flight: a client whose handshake is done believes it is connected, and one that just got a response may
    /// be about to send another request.
    /// </summary>
    public TimeSpan IdleGrace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets a limit on the open connections of all listening sockets together. Default null: no limit.</summary>
    public ConnectionLimit? Limit { get; set; }

    /// <summary>
    /// Gets or sets what happens to connections past the <see cref="Limit"/>. False (default): they wait in the listen queue. True: they get <c>503
    /// Service Unavailable</c> with <c>Retry-After</c> immediately, in plain HTTP/1.1, so leave it false for TLS.
    /// </summary>
    public bool TurnAwayPastLimit { get; set; }

    /// <summary>
    /// Gets or sets a callback for each connection that <see cref="TurnAwayPastLimit"/> turns away. It runs on the accept thread and must not block.
    /// Default null.
    /// </summary>
    public Action? TurnedAway { get; set; }

    /// <summary>Gets or sets what the monitor of each queue watches for.</summary>
    public QueueMonitorOptions Monitor { get; set; } = new();

    /// <summary>Gets or sets the setting names used by advice in the log. Default: those of <see cref="ListenQueueOptions"/>.</summary>
    public QueueSettingNames SettingNames { get; set; } = new("Backlog", "Shards", "MaxConnections", "AcceptMethod");

    /// <summary>Gets or sets how connections are accepted. Default <see cref="AcceptMethod.Auto"/>. Linux only.</summary>
    public AcceptMethod AcceptMethod { get; set; }

    /// <summary>Gets or sets how connections are read and written. Default <see cref="ConnectionTransport.Sockets"/>: Kestrel's own way.</summary>
    public ConnectionTransport Transport { get; set; }

    /// <summary>
    /// Gets or sets a function that returns the ready answers of a listening socket. Plain requests are then answered on the thread that received
    /// them, without Kestrel. Default null: none. Needs <see cref="ConnectionTransport.Epoll"/> or <see cref="ConnectionTransport.EpollInline"/>.
    /// </summary>
    public Func<ListenSocket, IReadyAnswers?>? ReadyAnswers { get; set; }

    /// <summary>
    /// Gets or sets how long a connection may be open before its first bytes arrive. Kestrel then gets it with these bytes; if none arrive in time,
    /// it is closed. Bursts cost less, and silent connections take less memory. Default null: Kestrel gets it when it is accepted. Only for protocols
    /// in which the client speaks first, e.g. HTTP and TLS. Needs <see cref="ConnectionTransport.Epoll"/> or
    /// <see cref="ConnectionTransport.EpollInline"/>.
    /// </summary>
    public TimeSpan? FirstBytesTimeout { get; set; }

    /// <summary>
    /// Gets or sets a function that returns how a listening socket handles partial request heads. They are held outside Kestrel until they are
    /// complete and take little more memory than their bytes; Kestrel's time limit for request heads applies. Only for plain HTTP/1. Default null:
    /// Kestrel gets them immediately. Applies to sockets with <see cref="ReadyAnswers"/> or <see cref="FirstBytesTimeout"/>.
    /// </summary>
    public Func<ListenSocket, IRequestHeads?>? RequestHeads { get; set; }

    /// <summary>
    /// Gets or sets how many of the connections it gets with their first bytes Kestrel may have at the same time. A connection takes several times
    /// the memory there. Past this number, requests wait until others are answered. Default null: no limit. Needs
    /// <see cref="ConnectionTransport.Epoll"/> or <see cref="ConnectionTransport.EpollInline"/>.
    /// </summary>
    public int? MaxAnswered { get; set; }

    // Rejects options that would have no effect.
    internal void Validate()
    {
        if (Transport != ConnectionTransport.Sockets) return;
        if (ReadyAnswers is not null) throw NeedsEpoll(nameof(ReadyAnswers));
        if (FirstBytesTimeout is not null) throw NeedsEpoll(nameof(FirstBytesTimeout));
        if (RequestHeads is not null) throw NeedsEpoll(nameof(RequestHeads));
        if (MaxAnswered is not null) throw NeedsEpoll(nameof(MaxAnswered));
    }

    private static InvalidOperationException NeedsEpoll(string option) =>
        new($"{option} needs {nameof(Transport)} = {nameof(ConnectionTransport)}.{nameof(ConnectionTransport.Epoll)} or " +
            $"{nameof(ConnectionTransport.EpollInline)}.");
}
