namespace Rcomm.Burst.Results;

/// <summary>How many connections came to one end.</summary>
public sealed record OutcomeCount(ConnectionOutcome Outcome, int Count);

/// <summary>How many answers had one HTTP status.</summary>
public sealed record StatusCount(int Status, int Count);

/// <summary>The connections of a run, counted and timed. Latencies count from the instant each connection was meant to open.</summary>
/// <param name="Connections">All that were planned.</param>
/// <param name="Outcomes">What became of them; outcomes that no connection had are left out.</param>
/// <param name="Retried">Connections that lost a packet of their handshake or their request, and sent it again.</param>
/// <param name="WaitedForRetry">Those of them that waited <see cref="RetryWaitMs"/> or more for it, those that never got an answer included.</param>
/// <param name="SynRetransmits">SYNs sent again, of all connections together.</param>
/// <param name="Retransmits">Segments sent again, of all connections together, SYNs included.</param>
/// <param name="OpeningMs">From the instant the first connection was meant to open to the last <c>connect</c>, the longest of the rounds.</param>
/// <param name="OpenLag">How late the generator itself was: from the instant meant to the call of <c>connect</c>.</param>
/// <param name="Connect">Time to the end of the TCP handshake.</param>
/// <param name="FirstByte">Time to the first byte of the answer.</param>
/// <param name="End">Time to the end of the answer.</param>
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
    /// <summary>Linux sends a lost SYN again after 1 s; its timer may tick a little early.</summary>
    public const double RetryWaitMs = 990;

    /// <summary>The HTTP statuses of the answers.</summary>
    public IReadOnlyList<StatusCount> Statuses { get; init; } = [];

    /// <summary>The TLS handshakes; null without TLS.</summary>
    public TlsSummary? Tls { get; init; }

    /// <summary>The WebSockets that were open; null without any.</summary>
    public WebSocketSummary? WebSockets { get; init; }

    /// <summary>Each step, or each burst of a train; null for other schedules.</summary>
    public IReadOnlyList<PartSummary>? Parts { get; init; }

    /// <summary>What the generator itself took; null where it was not measured.</summary>
    public GeneratorLoad? Generator { get; init; }

    /// <summary>How many connections had this outcome.</summary>
    public int Count(ConnectionOutcome outcome) => Outcomes.FirstOrDefault(count => count.Outcome == outcome)?.Count ?? 0;
}
