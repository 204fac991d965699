using System.Text.Json.Serialization;

namespace Rcomm.Watch;

/// <summary>The content of <c>/queues.json</c>, also sent to the live page each second. Names don't change; new ones may be added.</summary>
internal sealed record WatchDocument(DateTimeOffset Time, string Host, IReadOnlyList<WatchedQueueDocument> Queues, IReadOnlyList<string> NotSeen)
{
    public static WatchDocument Of(HostWatch watch) => new(DateTimeOffset.UtcNow, Environment.MachineName,
        [
            .. watch.Snapshot().OrderByDescending(state => state.Queue.Fullness).ThenByDescending(state => state.Overflows)
                .ThenByDescending(state => state.Drops).ThenBy(state => state.Queue.Address.ToString(), StringComparer.Ordinal).Select(WatchedQueueDocument.Of),
        ],
        watch.NotSeen());
}

/// <summary>One socket; see <see cref="QueueState"/> for the meaning of each number.</summary>
internal sealed record WatchedQueueDocument(
    string Address, uint Inode, string? Process, int? Pid, int Processes, string? Container, ulong? NetworkNamespace,
    int Depth, int Backlog, double Fullness, int Peak, long? Drops, long? Overflows, long? OtherDrops, string? Now, string? ForGood)
{
    public static WatchedQueueDocument Of(QueueState state) => new(
        state.Queue.Address.ToString(), state.Queue.Inode,
        state.Queue.Owners is [var owner, ..] ? owner.Name : null, state.Queue.Owners is [var first, ..] ? first.Id : null, state.Queue.Owners.Count,
        state.Container, state.Queue.Namespace?.Inode,
        state.Queue.Depth, state.Queue.Backlog, state.Queue.Fullness, state.Peak,
        state.Queue.Drops is null ? null : state.Drops, state.Queue.Drops is null ? null : state.Overflows,
        state.Queue.Drops is null ? null : state.OtherDrops, state.Advice?.Now, state.Advice?.ForGood);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WatchDocument))]
internal sealed partial class WatchJson : JsonSerializerContext;
