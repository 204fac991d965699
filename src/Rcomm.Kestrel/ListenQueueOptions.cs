using Rcomm.Listening;

namespace Rcomm.Kestrel;

/// <summary>How Kestrel takes connections from a listen queue.</summary>
public sealed class ListenQueueOptions
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

    /// <summary>What the monitor of each queue watches for.</summary>
    public QueueMonitorOptions Monitor { get; set; } = new();
}
