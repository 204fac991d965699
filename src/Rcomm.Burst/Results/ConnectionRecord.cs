namespace Rcomm.Burst.Results;

/// <summary>
/// One connection's story. Instants are microseconds since the run began (<see cref="BurstResult.StartedAt"/>); null for what never happened.
/// </summary>
/// <param name="Round">Which round, from 1.</param>
/// <param name="MeantUs">When the schedule wanted it opened. Latencies count from here.</param>
/// <param name="OpenedUs">When <c>connect</c> was called.</param>
/// <param name="ConnectedUs">When the client knew that the TCP handshake had ended.</param>
/// <param name="FirstByteUs">When the first byte of the answer came.</param>
/// <param name="EndedUs">When its outcome was known.</param>
/// <param name="SynRetransmits">How often its SYN was sent again: each time the one before was lost, on loopback by a full listen queue.</param>
/// <param name="Retransmits">Segments sent again until the end, the SYNs included (<c>tcpi_total_retrans</c>).</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Status">The HTTP status; null without one.</param>
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
    /// <summary>Which step, or which burst of a train, from 1; null for other schedules.</summary>
    public int? Part { get; init; }

    /// <summary>Its TLS handshake; null without TLS.</summary>
    public TlsRecord? Tls { get; init; }

    /// <summary>What the WebSocket met; null without one.</summary>
    public WebSocketRecord? WebSocket { get; init; }
}
