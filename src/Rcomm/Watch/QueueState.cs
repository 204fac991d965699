using Rcomm.HostQueues;
using Rcomm.Listening.HostQueues;

namespace Rcomm.Watch;

/// <summary>One watched queue at one moment, for the page and the metrics.</summary>
/// <param name="Peak">The highest depth that was seen in the last minute.</param>
/// <param name="Drops">What the socket's own counter has counted while it was watched.</param>
/// <param name="Overflows">Those of them that met a full queue.</param>
/// <param name="OtherDrops">Those of them that certainly did not.</param>
/// <param name="Age">How long it has been watched.</param>
internal sealed record QueueState(HostQueue Queue, int Peak, long Drops, long Overflows, long OtherDrops, TimeSpan Age, QueueAdvice? Advice)
{
    /// <summary>The container or pod of its process, where that is known.</summary>
    public string? Container => Queue.Owners.Select(owner => owner.Container).FirstOrDefault(container => container is not null);
}
