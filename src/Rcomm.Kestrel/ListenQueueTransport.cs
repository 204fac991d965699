using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcomm.Listening;

namespace Rcomm.Kestrel;

/// <summary>
/// The transport that Kestrel asks for connections: those of a <see cref="ListenSocketEndPoint"/>, and with <see cref="ListenQueueExtensions.UseListenQueue"/> those of every
/// address. Reading and writing is left to Kestrel's own socket connections; the accept loop is ours.
/// </summary>
internal sealed class ListenQueueTransport(
    IOptions<SocketTransportOptions> socketOptions,
    IOptions<ListenQueueOptions> options,
    SocketSource sockets,
    ListenQueues queues,
    ILoggerFactory loggers) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <inheritdoc />
    public bool CanBind(EndPoint endpoint) =>
        endpoint is ListenSocketEndPoint || (options.Value.TakesEveryEndpoint && endpoint is IPEndPoint or UnixDomainSocketEndPoint);

    /// <inheritdoc />
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is ListenSocketEndPoint given) return new(Listen(endpoint, given.Socket));

        IReadOnlyList<ListenSocket> opened = sockets.Open(endpoint);
        EndPoint bound = endpoint is IPEndPoint ip ? new IPEndPoint(ip.Address, opened[0].Address.Port) : endpoint;
        return new(opened is [var only] ? Listen(bound, only) : new ShardedListener([.. opened.Select(socket => Listen(bound, socket))]));
    }

    private ListenQueueListener Listen(EndPoint endpoint, ListenSocket socket)
    {
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
        return new ListenQueueListener(endpoint, socket, connections, options.Value, queues, loggers.CreateLogger<ListenQueueListener>());
    }
}
