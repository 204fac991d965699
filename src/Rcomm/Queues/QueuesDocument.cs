using System.Text.Json.Serialization;
using Rcomm.Listening.HostQueues;

namespace Rcomm.Queues;

/// <summary>What <c>rcomm queues --json</c> prints. Names stay; new ones may be added.</summary>
internal sealed record QueuesDocument(DateTimeOffset Time, NamespaceCounters? Namespace, IReadOnlyList<QueueDocument> Queues, IReadOnlyList<string> NotRead)
{
    public static QueuesDocument Of(HostQueueList queues, SinceBegan? since) => new(
        DateTimeOffset.UtcNow, queues.Counters,
        [.. queues.Queues.OrderByDescending(queue => queue.Fullness).Select(queue => QueueDocument.Of(queue, since))],
        queues.NotRead);
}

/// <summary>One socket. Peak and drops since a watch began are there with <c>--watch</c> alone.</summary>
internal sealed record QueueDocument(
    string Address, uint Inode, int Depth, int Backlog, double Fullness, uint? Drops, uint? Uid, IReadOnlyList<SocketOwner> Processes,
    int? PeakSinceBegan, uint? DropsSinceBegan)
{
    public static QueueDocument Of(HostQueue queue, SinceBegan? since) => new(
        queue.Address.ToString(), queue.Inode, queue.Depth, queue.Backlog, queue.Fullness, queue.Drops, queue.Uid, queue.Owners,
        since?.Peak(queue), since?.Drops(queue));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QueuesDocument))]
internal sealed partial class QueuesJson : JsonSerializerContext;
