using Rcomm.HostQueues;
using Rcomm.Listening.HostQueues;

namespace Rcomm.Watch;

/// <summary>One watched queue at one moment, for the page and the metrics.</summary>
/// <param name="Peak">The peak depth in the last minute.</param>
/// <param name="Drops">What the socket's own counter has counted during the watch.</param>
/// <param name="Overflows">Those of them that found the queue full.</param>
/// <param name="OtherDrops">Those of them that certainly did not.</param>
/// <param name="Age">How long it has been watched.</param>
internal sealed record QueueState(HostQueue Queue, int Peak, long Drops, long Overflows, long OtherDrops, TimeSpan Age, QueueAdvice? Advice)
{
    /// <summary>The container or pod of its process, if known.</summary>
    public string? Container => Queue.Owners.Select(owner => owner.Container).FirstOrDefault(container => container is not null);
}
