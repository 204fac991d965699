using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Monitoring;

/// <summary>The numbers of a listen queue so far, at one moment.</summary>
/// <param name="Address">The address it listens on.</param>
/// <param name="Shard">The shard of the address; null for the only socket.</param>
/// <param name="RequestedBacklog">The requested backlog: a number, <c>max</c> or <c>auto</c>.</param>
/// <param name="Backlog">The effective backlog in connections; null if the system doesn't report it (as are the others).</param>
/// <param name="Depth">Connections waiting at the last reading.</param>
/// <param name="Peak">The peak depth since the start.</param>
/// <param name="PeakOfLastMinute">The peak depth in the last minute.</param>
/// <param name="Drops">Handshakes lost since the start; null for Unix sockets.</param>
/// <param name="DropsPerSecond">Handshakes lost in the last completed second.</param>
/// <param name="Accepts">Connections accepted since the start.</param>
/// <param name="TurnedAway">The accepted connections that were turned away because the connection limit was reached.</param>
/// <param name="AcceptErrors">Failed accepts since the start, by errno name.</param>
/// <param name="FullSeconds">How long the queue was seen full since the start, in seconds.</param>
/// <param name="Stall">Why connections wait without being accepted; null if none do.</param>
/// <param name="AcceptWait">How long accepted connections had waited; null if not measured.</param>
/// <param name="Advice">What would have held the worst burst so far; null if nothing was dropped, or the backlog has since grown enough.</param>
public sealed record QueueSnapshot(
    ListenAddress Address, Shard? Shard, string RequestedBacklog, int? Backlog, int Depth, int Peak, int PeakOfLastMinute, long? Drops, long DropsPerSecond,
    long Accepts, long TurnedAway, IReadOnlyDictionary<string, long> AcceptErrors, double FullSeconds, StallCause? Stall, WaitSummary? AcceptWait,
    BacklogAdvice? Advice)
{
    /// <summary>
    /// Gets how many connections may wait: the backlog and, with <see cref="Accepting.AcceptMethod.IoUring"/>, those that the kernel may accept ahead
    /// of the accept loop. These count as waiting until the loop takes them, so depth and peaks can exceed the backlog. Null if the backlog is null.
    /// </summary>
    public int? Capacity { get; init; }

    /// <summary>Gets the name in the log; see <see cref="ListenSocket.Name"/>.</summary>
    public string Name => Shard is { } shard ? $"{Address} {shard}" : Address.ToString();
}

/// <summary>One second of a queue, for charts of its last minutes.</summary>
/// <param name="Time">When the second ended.</param>
/// <param name="Peak">The peak depth.</param>
/// <param name="Backlog">The effective backlog at that time.</param>
/// <param name="Drops">Handshakes lost.</param>
/// <param name="Accepts">Connections accepted.</param>
public readonly record struct QueueSecond(DateTimeOffset Time, int Peak, int Backlog, long Drops, long Accepts)
{
    /// <summary>Gets how many connections could wait; see <see cref="QueueSnapshot.Capacity"/>.</summary>
    public int Capacity { get; init; }
}
