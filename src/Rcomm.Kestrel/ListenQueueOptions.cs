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

    /// <summary>What the monitor of each queue watches for.</summary>
    public QueueMonitorOptions Monitor { get; set; } = new();
}
