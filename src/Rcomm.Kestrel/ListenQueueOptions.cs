using Rcomm.Listening;

namespace Rcomm.Kestrel;

/// <summary>How Kestrel takes connections from a listen queue.</summary>
public sealed class ListenQueueOptions
{
    /// <summary>
    /// When the server stops: how long a connection that was just taken off the queue may take to send the first bytes of its
    /// request before it counts as idle and is closed. Default 1 s. A client whose handshake is done believes it is connected;
    /// its request may still be on the way.
    /// </summary>
    public TimeSpan FirstBytesGrace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What the monitor of each queue watches for.</summary>
    public QueueMonitorOptions Monitor { get; set; } = new();
}
