using System.Text.Json.Serialization;
using Rcomm.HostQueues;
using Rcomm.Listening.HostQueues;

namespace Rcomm.Queues;

/// <summary>The output of <c>rcomm queues --json</c>. Names don't change; new ones may be added.</summary>
internal sealed record QueuesDocument(DateTimeOffset Time, NamespaceCounters? Namespace, IReadOnlyList<QueueDocument> Queues, IReadOnlyList<string> NotRead)
{
    public static QueuesDocument Of(HostQueueList queues, QueueSelection selection, WatchBaseline? since)
    {
        Dictionary<uint, TurnedAway> turnedAway = TurnedAway.Divide(since?.Of(queues) ?? queues);
        return new(DateTimeOffset.UtcNow, queues.Counters,
            [.. selection.Sorted(queues.Queues).SelectMany(shards => shards)
                .Select(queue => QueueDocument.Of(queue, turnedAway.GetValueOrDefault(queue.Inode), since))],
            queues.NotRead);
    }
}

/// <summary>
/// One socket. Peak and drops since the start of a watch are present only with <c>--watch</c>. <c>TurnedAway</c> are the drops (with <c>--watch</c>,
/// since its start) that found the queue full.
/// </summary>
internal sealed record QueueDocument(
    string Address, uint Inode, int Depth, int Backlog, double Fullness, uint? Drops, long? TurnedAway, uint? Uid, ulong? NetworkNamespace,
    IReadOnlyList<SocketOwner> Processes, int? PeakSinceBegan, uint? DropsSinceBegan)
{
    public static QueueDocument Of(HostQueue queue, TurnedAway turnedAway, WatchBaseline? since) => new(
        queue.Address.ToString(), queue.Inode, queue.Depth, queue.Backlog, queue.Fullness, queue.Drops,
        queue.Drops is null ? null : turnedAway.Count, queue.Uid,
        queue.Namespace?.Inode, queue.Owners, since?.Peak(queue), since?.Drops(queue));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QueuesDocument))]
internal sealed partial class QueuesJson : JsonSerializerContext;
