namespace Rcomm.Listening.Monitoring;

/// <summary>The state of a listen queue at one moment, read from the socket itself without any privilege.</summary>
/// <param name="Depth">Connections waiting to be accepted (<c>tcpi_unacked</c>).</param>
/// <param name="Backlog">The effective backlog in connections (<c>tcpi_sacked</c>).</param>
/// <param name="Drops">
/// Segments that this socket has discarded since it began to listen (<c>SK_MEMINFO_DROPS</c>, which wraps at 2³²): handshakes that found the queue
/// full, and others, see docs/queues.md; null for Unix sockets.
/// </param>
public readonly record struct QueueReading(int Depth, int Backlog, uint? Drops)
{
    /// <summary>Gets whether the next handshake would be dropped: the queue holds one connection more than the backlog.</summary>
    public bool IsFull => Depth > Backlog;
}
