using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcomm.Listening.Sockets;
using Rcomm.Transport.FastPath;
using Rcomm.Transport.Loop;

namespace Rcomm.Kestrel.Binding;

/// <summary>Chooses the connection maker of each listening socket by <see cref="ConnectionOptions.Transport"/>.</summary>
internal sealed class ConnectionMakers(
    ConnectionOptions options,
    IOptions<SocketTransportOptions> socketOptions,
    IOptions<KestrelServerOptions> kestrel,
    IMemoryPoolFactory<byte> pools,
    ILoggerFactory loggers) : IDisposable
{
    private readonly Lazy<EpollTransport> _epoll = new(() => new EpollTransport(
        pools, options.Transport == ConnectionTransport.EpollInline, options.MaxAnswered, loggers.CreateLogger<EpollTransport>()));

    public IConnectionMaker For(ListenSocket socket) => options.Transport == ConnectionTransport.Sockets || !OperatingSystem.IsLinux()
        ? OnSockets()
        : new EpollConnectionMaker(_epoll.Value, socket.Address, FastPathOf(socket));

    public void Dispose()
    {
        if (_epoll.IsValueCreated) _epoll.Value.Dispose();
    }

    private FastPathOptions? FastPathOf(ListenSocket socket)
    {
        IReadyAnswers? answers = options.ReadyAnswers?.Invoke(socket);
        KestrelServerLimits limits = kestrel.Value.Limits;
        TimeSpan? timeout = answers is null ? options.FirstBytesTimeout : limits.KeepAliveTimeout;
        return timeout is { } time ? new(answers, options.RequestHeads?.Invoke(socket), time, limits.RequestHeadersTimeout, MinRate(limits)) : null;
    }

    private static MinSendRate? MinRate(KestrelServerLimits limits) =>
        limits.MinResponseDataRate is { } rate ? new(rate.BytesPerSecond, rate.GracePeriod) : null;

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
