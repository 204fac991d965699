namespace Rcomm.Burst.Results;

/// <summary>
/// The record of one connection. Times are in microseconds since the run began (<see cref="BurstResult.StartedAt"/>); null for anything that never
/// happened.
/// </summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="MeantUs">When it should have opened by the schedule. Latencies count from here.</param>
/// <param name="OpenedUs">When <c>connect</c> was called.</param>
/// <param name="ConnectedUs">When the client saw the end of the TCP handshake.</param>
/// <param name="FirstByteUs">When the first byte of the response arrived.</param>
/// <param name="EndedUs">When its outcome was known.</param>
/// <param name="SynRetransmits">
/// How often its SYN was retransmitted: each time the previous one was lost, on loopback because of a full listen queue.
/// </param>
/// <param name="Retransmits">All retransmitted segments, including SYNs (<c>tcpi_total_retrans</c>).</param>
/// <param name="Outcome">Its outcome.</param>
/// <param name="Status">The HTTP status; null if there is none.</param>
public sealed record ConnectionRecord(
    int Round,
    long MeantUs,
    long? OpenedUs,
    long? ConnectedUs,
    long? FirstByteUs,
    long? EndedUs,
    int SynRetransmits,
    int Retransmits,
    ConnectionOutcome Outcome,
    int? Status)
{
    /// <summary>Gets the step or the burst of a train, from 1; null for other schedules.</summary>
    public int? Part { get; init; }

    /// <summary>Gets its TLS handshake; null without TLS.</summary>
    public TlsRecord? Tls { get; init; }

    /// <summary>Gets its WebSocket; null if it isn't one.</summary>
    public WebSocketRecord? WebSocket { get; init; }
}
