namespace Rcomm.Burst.Results;

/// <summary>The number of connections with one outcome.</summary>
public sealed record OutcomeCount(ConnectionOutcome Outcome, int Count);

/// <summary>The number of responses with one HTTP status.</summary>
public sealed record StatusCount(int Status, int Count);

/// <summary>The connections of a run, counted and timed. Latencies count from the instant at which each connection should have opened.</summary>
/// <param name="Connections">All planned connections.</param>
/// <param name="Outcomes">Their outcomes; outcomes that no connection had are omitted.</param>
/// <param name="Retried">Connections that lost and retransmitted a packet of their handshake or request.</param>
/// <param name="WaitedForRetry">Those of them that waited <see cref="RetryWaitMs"/> or longer for it, including those that never got a response.</param>
/// <param name="SynRetransmits">Retransmitted SYNs of all connections together.</param>
/// <param name="Retransmits">Retransmitted segments of all connections together, including SYNs.</param>
/// <param name="OpeningMs">
/// From the instant at which the first connection should have opened to the last <c>connect</c>; the longest of the rounds.
/// </param>
/// <param name="OpenLag">How late the generator was: from the scheduled instant to the call of <c>connect</c>.</param>
/// <param name="Connect">Time to the end of the TCP handshake.</param>
/// <param name="FirstByte">Time to the first byte of the response.</param>
/// <param name="End">Time to the end of the response.</param>
public sealed record BurstSummary(
    int Connections,
    IReadOnlyList<OutcomeCount> Outcomes,
    int Retried,
    int WaitedForRetry,
    long SynRetransmits,
    long Retransmits,
    double OpeningMs,
    Latency? OpenLag,
    Latency? Connect,
    Latency? FirstByte,
    Latency? End)
{
    /// <summary>Linux retransmits a lost SYN after 1 s; its timer may tick slightly early.</summary>
    public const double RetryWaitMs = 990;

    /// <summary>Gets the HTTP statuses of the responses.</summary>
    public IReadOnlyList<StatusCount> Statuses { get; init; } = [];

    /// <summary>Gets the TLS handshakes; null without TLS.</summary>
    public TlsSummary? Tls { get; init; }

    /// <summary>Gets the WebSockets that were open; null if there were none.</summary>
    public WebSocketSummary? WebSockets { get; init; }

    /// <summary>Gets each step, or each burst of a train; null for other schedules.</summary>
    public IReadOnlyList<PartSummary>? Parts { get; init; }

    /// <summary>Gets the load of the generator itself; null if it was not measured.</summary>
    public GeneratorLoad? Generator { get; init; }

    /// <summary>Returns the number of connections with this outcome.</summary>
    public int Count(ConnectionOutcome outcome) => Outcomes.FirstOrDefault(count => count.Outcome == outcome)?.Count ?? 0;
}
