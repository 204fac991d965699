using System.Text.Json.Serialization;

namespace Rcomm.Burst.Results;

/// <summary>The result of a burst.</summary>
/// <param name="StartedAt">When the run began; every time of a connection is relative to it.</param>
/// <param name="DurationMs">How long the run took.</param>
/// <param name="Interrupted">True if the run was stopped before its end; the rest is what was known by then.</param>
/// <param name="Parameters">The parameters of the run.</param>
/// <param name="Summary">The counts and times of the connections.</param>
/// <param name="Connections">Each connection, by round and in the order of the schedule.</param>
public sealed record BurstResult(
    DateTimeOffset StartedAt,
    double DurationMs,
    bool Interrupted,
    BurstParameters Parameters,
    BurstSummary Summary,
    IReadOnlyList<ConnectionRecord> Connections)
{
    /// <summary>Gets <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> at the start, to correlate other measurements in the same process.</summary>
    [JsonIgnore]
    public long StartTimestamp { get; init; }
}
