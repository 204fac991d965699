using System.Text.Json.Serialization;

namespace Rcomm.Burst.Results;

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
