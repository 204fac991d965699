using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Rcomm.Listening;

namespace Rcomm.Kestrel;

/// <summary>Gives Kestrel the connections of sockets that <see cref="ListenSocket.Open"/> has opened.</summary>
public static class ListenQueueExtensions
{
    /// <summary>Has Kestrel serve the connections of these sockets, which become the server's: it drains and closes them when it stops.</summary>
    /// <param name="host">The host's builder; it must use Kestrel.</param>
    /// <param name="sockets">Open listening sockets.</param>
    /// <param name="configure">Changes the defaults of <see cref="ListenQueueOptions"/>.</param>
    /// <param name="configureEndpoint">Changes how Kestrel serves a socket's connections: its protocols, TLS, connection middleware.</param>
    public static IWebHostBuilder UseListenSockets(
        this IWebHostBuilder host, IReadOnlyCollection<ListenSocket> sockets, Action<ListenQueueOptions>? configure = null,
        Action<ListenSocket, ListenOptions>? configureEndpoint = null)
    {
        return host.ConfigureServices(services =>
        {
            services.TryAddSingleton<ListenQueues>();
            services.AddSingleton<IConnectionListenerFactory, ListenQueueTransport>();
            services.Configure<ListenQueueOptions>(options => configure?.Invoke(options));
            services.Configure<KestrelServerOptions>(kestrel =>
            {
                foreach (ListenSocket socket in sockets) kestrel.Listen(new ListenSocketEndPoint(socket), endpoint => configureEndpoint?.Invoke(socket, endpoint));
            });
        });
    }
}
