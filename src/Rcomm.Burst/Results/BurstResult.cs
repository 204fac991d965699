using System.Text.Json.Serialization;

namespace Rcomm.Burst.Results;

/// <summary>What was asked for, as the result repeats it.</summary>
/// <param name="Url">The target as it was written.</param>
/// <param name="Address">The address it stands for.</param>
/// <param name="Connections">Connections in each round.</param>
/// <param name="Rounds">Rounds, one after the other.</param>
/// <param name="Schedule"><c>atOnce</c>, <c>ramp</c> or <c>rate</c>.</param>
/// <param name="RampMs">The time over which a ramp opens its connections; null for other schedules.</param>
/// <param name="RatePerSecond">Connections opened each second; null for other schedules.</param>
/// <param name="TimeoutMs">How long each connection had, from its opening.</param>
/// <param name="HoldMs">How long each was kept open after its answer.</param>
/// <param name="ConnectOnly">True when no request was sent.</param>
/// <param name="Sources">Source addresses the connections were spread over; 0 when the system chose.</param>
/// <param name="Threads">Threads that opened and watched them.</param>
public sealed record BurstParameters(
    string Url,
    string Address,
    int Connections,
    int Rounds,
    string Schedule,
    double? RampMs,
    double? RatePerSecond,
    double TimeoutMs,
    double HoldMs,
    bool ConnectOnly,
    int Sources,
    int Threads);

/// <summary>What became of a burst.</summary>
/// <param name="StartedAt">When the run began; every instant of a connection counts from here.</param>
/// <param name="DurationMs">How long the run took.</param>
/// <param name="Interrupted">True when it was stopped before its end; the rest is what was known by then.</param>
/// <param name="Parameters">What was asked for.</param>
/// <param name="Summary">The connections counted and timed.</param>
/// <param name="Connections">Each connection, by round and in the order of the schedule.</param>
public sealed record BurstResult(
    DateTimeOffset StartedAt,
    double DurationMs,
    bool Interrupted,
    BurstParameters Parameters,
    BurstSummary Summary,
    IReadOnlyList<ConnectionRecord> Connections)
{
    /// <summary><see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> at the start, to line up with other measurements of the same process.</summary>
    [JsonIgnore]
    public long StartTimestamp { get; init; }
}
