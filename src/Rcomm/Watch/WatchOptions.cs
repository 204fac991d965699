using Rcomm.Listening.Addresses;

namespace Rcomm.Watch;

/// <summary>The options of <c>rcomm watch</c>.</summary>
/// <param name="Interval">The time between two readings of each queue.</param>
/// <param name="AllNamespaces">Whether to include the queues of every container.</param>
/// <param name="Filter">The queues to watch.</param>
/// <param name="Grow">Whether to raise the backlog of a queue that fills.</param>
/// <param name="GrowTo">The upper limit in connections; null for the kernel's cap.</param>
/// <param name="Admin">The address of the page and the metrics; null for none.</param>
internal sealed record WatchOptions(TimeSpan Interval, bool AllNamespaces, QueueFilter Filter, bool Grow, int? GrowTo, ListenAddress? Admin);
