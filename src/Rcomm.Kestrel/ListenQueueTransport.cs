using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcomm.Listening;

namespace Rcomm.Kestrel;

/// <summary>
/// The transport that Kestrel asks for the connections of a <see cref="ListenSocketEndPoint"/>. Reading and writing is left to
/// Kestrel's own socket connections; the accept loop is ours.
/// </summary>
internal sealed class ListenQueueTransport(
    IOptions<SocketTransportOptions> socketOptions,
    IOptions<ListenQueueOptions> options,
    ListenQueues queues,
    ILoggerFactory loggers) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <inheritdoc />
    public bool CanBind(EndPoint endpoint) => endpoint is ListenSocketEndPoint;

    /// <inheritdoc />
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = ((ListenSocketEndPoint)endpoint).Socket;
        SocketTransportOptions transport = socketOptions.Value;
        var connections = new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions
            {
                IOQueueCount = transport.IOQueueCount,
                MaxReadBufferSize = transport.MaxReadBufferSize,
                MaxWriteBufferSize = transport.MaxWriteBufferSize,
                UnsafePreferInlineScheduling = transport.UnsafePreferInlineScheduling,
                WaitForDataBeforeAllocatingBuffer = transport.WaitForDataBeforeAllocatingBuffer,
            },
            loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets"));
        var listener = new ListenQueueListener(endpoint, socket, connections, options.Value, queues, loggers.CreateLogger<ListenQueueListener>());
        return new(listener);
    }
}
