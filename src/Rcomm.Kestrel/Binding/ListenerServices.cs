using Microsoft.Extensions.Logging;
using Rcomm.Kestrel.Overload;
using Rcomm.Listening.Monitoring;

namespace Rcomm.Kestrel.Binding;

/// <summary>What all listeners of a server use.</summary>
/// <param name="Options">How its connections are accepted and served.</param>
/// <param name="Queues">The queues that are monitored.</param>
/// <param name="Idle">The connections that can make room for others.</param>
/// <param name="Logger">The log.</param>
internal sealed record ListenerServices(ConnectionOptions Options, ListenQueues Queues, IdleConnections Idle, ILogger<ListenQueueListener> Logger);
