using System.Text.Json.Serialization;
using Rcomm.Listening.Monitoring;
using Rcomm.Settings.Groups;

namespace Rcomm.Status;

/// <summary>The content of <c>/status.json</c>. Names don't change; new ones may be added.</summary>
internal sealed record StatusDocument(
    string Version, int Process, DateTimeOffset Started, bool Ready, IReadOnlyList<string> NotReady,
    IReadOnlyList<QueueStatus> Queues, IReadOnlyList<AddressStatus> SharedAddresses, int? MaxConnections, RequestStatus Requests, FastPathStatus FastPath,
    IReadOnlyList<RouteStatus> Routes, IReadOnlyList<CertificateStatus> Certificates, IReadOnlyList<SettingStatus> Settings);

/// <summary>Requests since the start, now, and in the last second; refused ones were turned away before they reached a page or an upstream.</summary>
internal sealed record RequestStatus(long Answered, int InFlight, double PerSecond, long Refused);

/// <summary>
/// The fast path: why it is off, if it is; its current connections; the requests answered; the connections handed over to Kestrel; the ready answers and
/// their size in bytes.
/// </summary>
internal sealed record FastPathStatus(string? Off, long Connections, long Answered, long HandedOver, int ReadyAnswers, long ReadyBytes);

/// <summary>A certificate in use.</summary>
internal sealed record CertificateStatus(string Name, DateTimeOffset Expires);

/// <summary>An address shared by shards, with their sums.</summary>
internal sealed record AddressStatus(string Address, int Shards, int Depth, int? Backlog, long? Drops, long Accepts)
{
    public static IEnumerable<AddressStatus> Of(IEnumerable<QueueStatus> queues) => queues
        .Where(queue => queue.Shard is not null)
        .GroupBy(queue => queue.Address)
        .Select(shards => new AddressStatus(shards.Key, shards.Count(),
            shards.Sum(queue => queue.Depth), shards.Sum(queue => queue.Backlog), shards.Sum(queue => queue.Drops), shards.Sum(queue => queue.Accepts)));
}

/// <summary>A setting, its current value, and the origin of the value.</summary>
/// <param name="AfterRestart">A value read since then that needs a restart; null for none.</param>
internal sealed record SettingStatus(string Name, string Value, string From, string? AfterRestart)
{
    /// <summary>The origin of a default value.</summary>
    public const string Default = "default";
}

/// <summary>One listen queue; see <see cref="QueueSnapshot"/> for the meaning of each number.</summary>
internal sealed record QueueStatus(
    string Name, string Address, int? Shard, string RequestedBacklog, int? Backlog, int Depth, int Peak, int PeakOfLastMinute, long? Drops, long DropsPerSecond,
    long Accepts, long TurnedAway, IReadOnlyDictionary<string, long> AcceptErrors, double FullSeconds, string? Stall,
    WaitSummary? AcceptWaitMilliseconds, string? Advice)
{
    public static QueueStatus Of(QueueSnapshot queue, bool couldAcceptAhead) => new(
        queue.Name, queue.Address.ToString(), queue.Shard?.Number, queue.RequestedBacklog, queue.Backlog, queue.Depth, queue.Peak,
        queue.PeakOfLastMinute, queue.Drops, queue.DropsPerSecond,
        queue.Accepts, queue.TurnedAway, queue.AcceptErrors, queue.FullSeconds, queue.Stall?.ToString(), queue.AcceptWait,
        queue.Advice?.Naming(ListeningGroup.Backlog.Variable, ListeningGroup.Shards.Variable,
            couldAcceptAhead ? $"{ListeningGroup.Accept.Variable}=io_uring" : null));
}

/// <summary>What the live page receives each second.</summary>
internal sealed record LiveDocument(StatusDocument Status, IReadOnlyList<LiveQueue> Seconds);

/// <summary>The last minutes of one queue, second by second.</summary>
internal sealed record LiveQueue(string Name, IReadOnlyList<QueueSecond> Seconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(LiveDocument))]
internal sealed partial class StatusJson : JsonSerializerContext;
