using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcomm.Kestrel.Overload;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;
using Rcomm.Transport.FastPath;
using Rcomm.Transport.Loop;

namespace Rcomm.Kestrel.Binding;

/// <summary>
/// The transport that gives Kestrel its connections: those of each <see cref="ListenSocketEndPoint"/>, and with
/// <see cref="ListenQueueExtensions.UseListenQueue"/>, which adds <see cref="ApplicationSockets"/>, those of every address. rcomm's accept loop
/// accepts them. They are read and written by Kestrel's own socket connections, or as <see cref="ConnectionTransport"/> says.
/// </summary>
internal sealed class ListenQueueTransport(
    IOptions<SocketTransportOptions> socketOptions,
    ConnectionOptions options,
    IOptions<KestrelServerOptions> kestrel,
    ListenQueues queues,
    IdleConnections idle,
    IMemoryPoolFactory<byte> pools,
    ILoggerFactory loggers,
    ApplicationSockets? application = null) : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private readonly Lazy<EpollTransport> _epoll = new(() => new EpollTransport(
        pools, options.Transport == ConnectionTransport.EpollInline, options.MaxAnswered, loggers.CreateLogger<EpollTransport>()));

    /// <inheritdoc />
    public bool CanBind(EndPoint endpoint) =>
        endpoint is ListenSocketEndPoint || (application is not null && endpoint is IPEndPoint or UnixDomainSocketEndPoint);

    /// <inheritdoc />
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        options.Validate();
        if (endpoint is ListenSocketEndPoint given) return new(Listen(endpoint, given.Socket));

        IReadOnlyList<ListenSocket> opened = application!.Open(endpoint);
        EndPoint bound = endpoint is IPEndPoint ip && opened.Count > 0 ? new IPEndPoint(ip.Address, opened[0].Address.Port) : endpoint;
        return new(opened is [var only] ? Listen(bound, only) : new ShardedListener(bound, [.. opened.Select(socket => Listen(bound, socket))]));
    }

    public void Dispose()
    {
        if (_epoll.IsValueCreated) _epoll.Value.Dispose();
    }

    private ListenQueueListener Listen(EndPoint endpoint, ListenSocket socket)
    {
        IConnectionMaker maker = options.Transport == ConnectionTransport.Sockets || !OperatingSystem.IsLinux()
            ? OnSockets()
            : new EpollConnectionMaker(_epoll.Value, socket.Address, FastPathOf(socket));
        return new ListenQueueListener(endpoint, socket, maker, options, queues, idle, loggers.CreateLogger<ListenQueueListener>());
    }

    private FastPathOptions? FastPathOf(ListenSocket socket)
    {
        IReadyAnswers? answers = options.ReadyAnswers?.Invoke(socket);
        KestrelServerLimits limits = kestrel.Value.Limits;
        TimeSpan? timeout = answers is null ? options.FirstBytesTimeout : limits.KeepAliveTimeout;
        return timeout is { } time ? new(answers, options.RequestHeads?.Invoke(socket), time, limits.RequestHeadersTimeout, MinRate(limits)) : null;
    }

    private static int MinRate(KestrelServerLimits limits) => (int)(limits.MinResponseDataRate?.BytesPerSecond ?? 0);

    private SocketConnectionMaker OnSockets()
    {
        SocketTransportOptions transport = socketOptions.Value;
        return new(new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions
            {
                IOQueueCount = transport.IOQueueCount,
                MaxReadBufferSize = transport.MaxReadBufferSize,
                MaxWriteBufferSize = transport.MaxWriteBufferSize,
                UnsafePreferInlineScheduling = transport.UnsafePreferInlineScheduling,
                WaitForDataBeforeAllocatingBuffer = transport.WaitForDataBeforeAllocatingBuffer,
            },
            loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets")));
    }
}
