namespace Rcomm.Listening.Monitoring;

/// <summary>What a listen queue holds at one moment, read from the socket itself without any privilege.</summary>
/// <param name="Depth">Connections that wait to be accepted (<c>tcpi_unacked</c>).</param>
/// <param name="Backlog">The effective backlog, in connections (<c>tcpi_sacked</c>).</param>
/// <param name="Drops">
/// Segments that this socket has discarded since it listens (<c>SK_MEMINFO_DROPS</c>, which wraps at 2³²): handshakes that met a full
/// queue, and others, see docs/queues.md; null for Unix sockets.
/// </param>
public readonly record struct QueueReading(int Depth, int Backlog, uint? Drops)
{
    /// <summary>True when the next handshake would be dropped: the kernel lets one more wait than the backlog says.</summary>
    public bool IsFull => Depth > Backlog;
}
