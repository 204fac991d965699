using Rcomm.Listening.Addresses;

namespace Rcomm.Watch;

/// <summary>What <c>rcomm watch</c> watches, and what it does.</summary>
/// <param name="Interval">How often each queue is looked at.</param>
/// <param name="AllNamespaces">Also the queues of every container.</param>
/// <param name="Filter">Which queues.</param>
/// <param name="Grow">Raise the backlog of a queue that fills.</param>
/// <param name="GrowTo">Never above this, in connections; null for the kernel's cap.</param>
/// <param name="Admin">Where the page and the metrics are; null for nowhere.</param>
internal sealed record WatchOptions(TimeSpan Interval, bool AllNamespaces, QueueFilter Filter, bool Grow, int? GrowTo, ListenAddress? Admin);
