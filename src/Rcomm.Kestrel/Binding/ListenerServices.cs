using Microsoft.Extensions.Logging;
using Rcomm.Kestrel.Overload;
using Rcomm.Listening.Monitoring;

namespace Rcomm.Kestrel.Binding;

/// <summary>The services shared by all listeners of a server.</summary>
/// <param name="Options">How its connections are accepted and served.</param>
/// <param name="Queues">The monitored queues.</param>
/// <param name="Idle">The connections that can make room for others.</param>
/// <param name="Logger">The logger.</param>
internal sealed record ListenerServices(ConnectionOptions Options, ListenQueues Queues, IdleConnections Idle, ILogger<ListenQueueListener> Logger);
