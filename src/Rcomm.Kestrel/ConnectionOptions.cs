using Rcomm.Listening.Accepting;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel;

/// <summary>How Kestrel gets and serves the connections of listening sockets, and how their queues are monitored.</summary>
public class ConnectionOptions
{
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

    /// <summary>
    /// Called for each connection that <see cref="TurnAwayPastLimit"/> turned away, on the accept thread: it must not wait. Default null.
    /// </summary>
    public Action? TurnedAway { get; set; }

    /// <summary>What the monitor of each queue watches for.</summary>
    public QueueMonitorOptions Monitor { get; set; } = new();

    /// <summary>The names that the log's advice uses. Default: those of <see cref="ListenQueueOptions"/>.</summary>
    public QueueSettingNames SettingNames { get; set; } = new("Backlog", "Shards", "MaxConnections", "AcceptMethod");

    /// <summary>How connections are taken off the listen queue. Default <see cref="AcceptMethod.Auto"/>. Linux only.</summary>
    public AcceptMethod AcceptMethod { get; set; }

    /// <summary>How connections are read and written. Default <see cref="ConnectionTransport.Sockets"/>: as without rcomm.</summary>
    public ConnectionTransport Transport { get; set; }

    /// <summary>
    /// The answers that each listening socket has ready: plain requests are then answered on the thread that received them, without
    /// Kestrel. Default null: none. Needs <see cref="ConnectionTransport.Epoll"/> or <see cref="ConnectionTransport.EpollInline"/>.
    /// </summary>
    public Func<ListenSocket, IReadyAnswers?>? ReadyAnswers { get; set; }

    /// <summary>
    /// Kestrel gets a connection when its first bytes are there, not when it is accepted, and one that sends nothing for so long is
    /// closed: a burst costs less, and silent connections take less memory. Default null: Kestrel gets it when it is accepted. Only where
    /// clients speak first, as with HTTP and TLS. Needs <see cref="ConnectionTransport.Epoll"/> or <see cref="ConnectionTransport.EpollInline"/>.
    /// </summary>
    public TimeSpan? FirstBytesTimeout { get; set; }

    /// <summary>
    /// What happens to request heads that come in part, on each listening socket: they are held outside Kestrel until they are whole, at the
    /// cost of their bytes, and Kestrel's time limit for them counts. Only where clients begin with plain HTTP/1. Default null: Kestrel has
    /// them at once. Has an effect on sockets with <see cref="ReadyAnswers"/>, or with <see cref="FirstBytesTimeout"/>.
    /// </summary>
    public Func<ListenSocket, IRequestHeads?>? RequestHeads { get; set; }

    /// <summary>
    /// How many of the connections that it gets with their first bytes Kestrel may have at once. A connection takes several times the memory
    /// there; past this number, requests wait for those that are being answered. Default null: no bound. Needs
    /// <see cref="ConnectionTransport.Epoll"/> or <see cref="ConnectionTransport.EpollInline"/>.
    /// </summary>
    public int? MaxAnswered { get; set; }

    // An option that would have no effect is an error.
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
