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

/// <summary>Gives Kestrel the connections of sockets that <see cref="ListenSocket.Open"/> has opened.</summary>
public static class ListenQueueExtensions
{
    /// <summary>Has Kestrel serve the connections of these sockets, which become the server's: it drains and closes them when it stops.</summary>
    /// <param name="host">The host's builder; it must use Kestrel.</param>
    /// <param name="sockets">Open listening sockets.</param>
    /// <param name="configure">
    /// Changes the defaults of <see cref="ConnectionOptions"/>; with <see cref="UseListenQueue"/> in the same host they are its options' too.
    /// </param>
    /// <param name="configureEndpoint">Changes how Kestrel serves a socket's connections: its protocols, TLS, connection middleware.</param>
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
    /// Opens every endpoint of the application, whatever configures it (<c>ASPNETCORE_URLS</c>, <c>appsettings.json</c>, code), with a
    /// listen queue of the size asked for, and adds what <see cref="UseListenSockets"/> does: an accept loop of its own, the effective
    /// backlog in the log, monitoring, metrics, and a drain at the stop. HTTPS and HTTP/2 stay as they are; HTTP/3 is not affected.
    /// </summary>
    /// <param name="host">The host's builder; it must use Kestrel.</param>
    /// <param name="configure">
    /// Changes the options; before it, the section <c>ListenQueue</c> of the configuration is read: <c>"ListenQueue": { "Backlog": "auto" }</c>.
    /// </param>
    /// <exception cref="InvalidOperationException">At the start: a value in the configuration cannot be read.</exception>
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
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, ActivityFilter>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, ListenQueueTransport>());
    }
}
