using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Rcomm.Kestrel.Binding;
using Rcomm.Kestrel.Overload;
using Rcomm.Kestrel.Takeover;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;

namespace Rcomm.Kestrel;

/// <summary>Extension methods that let Kestrel serve the connections of listening sockets opened by <see cref="ListenSocket.Open"/>.</summary>
public static class ListenQueueExtensions
{
    /// <summary>Makes Kestrel serve the connections of these sockets. The server owns them: it drains and closes them when it stops.</summary>
    /// <param name="host">The host builder; it must use Kestrel.</param>
    /// <param name="sockets">Open listening sockets.</param>
    /// <param name="configure">
    /// Configures the <see cref="ConnectionOptions"/>; if <see cref="UseListenQueue"/> is used on the same host, the two share these options.
    /// </param>
    /// <param name="configureEndpoint">Configures how Kestrel serves a socket's connections: protocols, TLS, connection middleware.</param>
    public static IWebHostBuilder UseListenSockets(
        this IWebHostBuilder host, IReadOnlyCollection<ListenSocket> sockets, Action<ConnectionOptions>? configure = null,
        Action<ListenSocket, ListenOptions>? configureEndpoint = null)
    {
        return host.ConfigureServices(services =>
        {
            AddTransport(services);
            services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<ConnectionOptions>>().Value);
            if (configure is not null)
            {
                services.Configure<ConnectionOptions>(configure);
                services.Configure<ListenQueueOptions>(configure);
            }
            services.Configure<KestrelServerOptions>(kestrel =>
            {
                foreach (ListenSocket socket in sockets)
                    kestrel.Listen(new ListenSocketEndPoint(socket), endpoint => configureEndpoint?.Invoke(socket, endpoint));
            });
        });
    }

    /// <summary>
    /// Opens every endpoint of the application, however it is configured (<c>ASPNETCORE_URLS</c>, <c>appsettings.json</c>, code), with the requested
    /// backlog. Adds what <see cref="UseListenSockets"/> does: a dedicated accept loop, the effective backlog in the log, monitoring, metrics, and a
    /// drain at shutdown. HTTPS and HTTP/2 work as before; HTTP/3 is not affected.
    /// </summary>
    /// <param name="host">The host builder; it must use Kestrel.</param>
    /// <param name="configure">
    /// Configures the options, after the configuration section <c>ListenQueue</c> has been read: <c>"ListenQueue": { "Backlog": "auto" }</c>.
    /// </param>
    /// <exception cref="InvalidOperationException">Thrown at startup if a value in the configuration isn't valid.</exception>
    public static IWebHostBuilder UseListenQueue(this IWebHostBuilder host, Action<ListenQueueOptions>? configure = null)
    {
        return host.ConfigureServices((context, services) =>
        {
            AddTransport(services);
            services.TryAddSingleton<ApplicationSockets>();
            services.AddHostedService<TakeoverService>();
            services.Replace(ServiceDescriptor.Singleton<ConnectionOptions>(provider => provider.GetRequiredService<IOptions<ListenQueueOptions>>().Value));
            services.Configure<ListenQueueOptions>(options =>
            {
                ListenQueueConfiguration.Read(context.Configuration.GetSection(ListenQueueConfiguration.Section), options);
                configure?.Invoke(options);
            });
        });
    }

    private static void AddTransport(IServiceCollection services)
    {
        services.TryAddSingleton<ListenQueues>();
        services.TryAddSingleton<IdleConnections>();
        services.TryAddSingleton<ListenerServices>();
        services.TryAddSingleton<ConnectionMakers>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, ActivityFilter>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, ListenQueueTransport>());
    }
}
