using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Monitoring;

/// <summary>A listen queue's story so far, at one moment.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Shard">Which of the address's shards it is; null for the only socket there.</param>
/// <param name="RequestedBacklog">The backlog that was asked for: a number or <c>max</c>.</param>
/// <param name="Backlog">The effective backlog, in connections; null where the system does not tell (as are the others).</param>
/// <param name="Depth">Connections that wait, at the last reading.</param>
/// <param name="Peak">The most that have waited since the start.</param>
/// <param name="PeakOfLastMinute">The most that have waited in the last minute.</param>
/// <param name="Drops">Handshakes lost since the start; null for Unix sockets.</param>
/// <param name="DropsPerSecond">Handshakes lost in the last whole second.</param>
/// <param name="Accepts">Connections accepted since the start.</param>
/// <param name="TurnedAway">Of them, those that were turned away because the connection limit was reached.</param>
/// <param name="AcceptErrors">Failed accepts since the start, by the name of the errno.</param>
/// <param name="FullSeconds">How long the queue was seen full since the start, in seconds.</param>
/// <param name="Stall">Why connections wait without being accepted; null where they do not.</param>
/// <param name="AcceptWait">How long accepted connections had waited; null where it is not measured.</param>
/// <param name="Advice">What would have held the worst burst so far; null where nothing was dropped, or the backlog has grown so far since.</param>
public sealed record QueueSnapshot(
    ListenAddress Address, Shard? Shard, string RequestedBacklog, int? Backlog, int Depth, int Peak, int PeakOfLastMinute, long? Drops, long DropsPerSecond,
    long Accepts, long TurnedAway, IReadOnlyDictionary<string, long> AcceptErrors, double FullSeconds, StallCause? Stall, WaitSummary? AcceptWait,
    BacklogAdvice? Advice)
{
    /// <summary>
    /// How many may wait now: the backlog and, with <see cref="Accepting.AcceptMethod.IoUring"/>, those that the kernel may accept ahead of the accept
    /// loop. They count as waiting until the loop
    /// has taken them, so that depth and peaks can be above the backlog. Null where the backlog is.
    /// </summary>
    public int? Capacity { get; init; }

    /// <summary>Its name in the log, see <see cref="ListenSocket.Name"/>.</summary>
    public string Name => Shard is { } shard ? $"{Address} {shard}" : Address.ToString();
}

/// <summary>One second of a queue, for drawing its last minutes.</summary>
/// <param name="Time">When the second ended.</param>
/// <param name="Peak">The most that waited in it.</param>
/// <param name="Backlog">The effective backlog then.</param>
/// <param name="Drops">Handshakes lost in it.</param>
/// <param name="Accepts">Connections accepted in it.</param>
public readonly record struct QueueSecond(DateTimeOffset Time, int Peak, int Backlog, long Drops, long Accepts)
{
    /// <summary>How many might wait, see <see cref="QueueSnapshot.Capacity"/>.</summary>
    public int Capacity { get; init; }
}
