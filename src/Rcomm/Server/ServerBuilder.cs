using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Rcomm.Connections.Tls;
using Rcomm.Http;
using Rcomm.Http.AccessLogging;
using Rcomm.Kestrel;
using Rcomm.Listening.Accepting;
using Rcomm.Proxy;
using Rcomm.Requests;
using Rcomm.Settings;
using Rcomm.Settings.Groups;
using Rcomm.Site;

namespace Rcomm.Server;

/// <summary>Builds a server from its settings: Kestrel, the site and the log.</summary>
internal static class ServerBuilder
{
    /// <summary>Builds the server without starting it; it owns the sockets.</summary>
    public static WebApplication Build(ServeSettings settings, ServerSockets sockets, CertificateStore? certificates, Action<string> warn)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ConfigureHost(builder, settings.Log);
        var metrics = new RequestMetrics();
        var refused = new RefusedClients(metrics);
        bool usesFastPath = settings.FastPath && FastPathPolicy.WhyOff(settings) is null;
        bool usesEpoll = settings.Transport == Settings.Transport.Epoll;
        WebApplication? app = null;
        var endpoints = new Endpoints(settings, sockets.Redirect, certificates, refused,
            usesFastPath ? services => FastPathAnswers.Of(services, settings, isHttps: true) : null);
        var heads = new HeldHeads(refused, FastPathPolicy.LimitsOf(settings.Http.Limits),
            () => app!.Services.GetRequiredService<LogOutputs>().AccessLog);
        builder.WebHost
            .UseKestrelCore()
            .ConfigureKestrel(endpoints.ApplyLimits)
            .UseListenSockets([.. sockets.Site, .. sockets.Redirect], options =>
            {
                options.Monitor = settings.Monitor;
                options.Limit = MaxConnections(settings) is { } max ? new ConnectionLimit(max) : null;
                options.AcceptMethod = settings.Accept;
                options.TurnAwayPastLimit = settings.Overload == Overload.Reject;
                options.TurnedAway = () => refused.Add(RefusedClients.Overload);
                // No handler here blocks before it has left the thread that read the request.
                options.Transport = usesEpoll ? ConnectionTransport.EpollInline : ConnectionTransport.Sockets;
                options.FirstBytesTimeout = usesEpoll ? endpoints.FirstBytesTimeout : null;
                options.MaxAnswered = usesEpoll && !settings.MaxConnectionsIsChosen ? ProcessLimits.MaxAnswered() : null;
                options.RequestHeads = usesEpoll ? socket => endpoints.BeginsWithHttp(socket) ? heads : null : null;
                if (!usesFastPath) return;
                options.ReadyAnswers = socket =>
                    sockets.Site.Contains(socket) && !endpoints.IsEncrypted(socket) ? FastPathAnswers.Of(app!.Services, settings, isHttps: false) : null;
            }, endpoints.Configure);
        if (settings.Tls is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        if (settings.Tls is { Http3: true } && !endpoints.TryAddHttp3(builder.WebHost, sockets.Site))
            warn("HTTP/3 is off: this system has no libmsquic. Install it, or leave --http3 out.");
        Telemetry.PushIfAsked(builder.Services);

        builder.Services.AddSingleton<ConnectionDrain>();
        builder.Services.AddSingleton(_ => new HostedSites(settings.Site, settings.Hosts));
        if (settings.Http.Passwords is { } passwords) builder.Services.AddSingleton(new BasicAuthentication(passwords));
        if (settings.Http.CorsOrigins.Count > 0) builder.Services.AddCors();
        builder.Services.AddSingleton(provider => new LogOutputs(settings.Log, provider.GetRequiredService<ILoggerFactory>().CreateLogger("Rcomm")));
        builder.Services.AddSingleton(metrics);
        AddProxy(builder.Services, settings);

        app = builder.Build();
        refused.LogTo(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Rcomm"));
        var kestrelRefusals = new KestrelRefusals(refused, app.Services.GetRequiredService<LogOutputs>().AccessLog);
        app.Services.GetRequiredService<DiagnosticListener>().Subscribe(kestrelRefusals, name => name == KestrelRefusals.Event);
        certificates?.LogTo(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Rcomm"));
        app.Lifetime.ApplicationStopped.Register(() =>
        {
            certificates?.Dispose();
            endpoints.Dispose();
            metrics.Dispose();
        });
        BuildPipeline(app, settings, refused,
            sockets.Redirect.Count == 0 ? null : sockets.Site.FirstOrDefault(endpoints.IsEncrypted)?.Address.Port);
        return app;
    }

    /// <summary>Returns the maximum number of open connections; null for no limit.</summary>
    public static int? MaxConnections(ServeSettings settings)
    {
        if (settings.MaxConnectionsIsChosen) return settings.MaxConnections;
        // A connection that waits outside Kestrel needs little memory.
        bool waitOutside = settings.Transport == Settings.Transport.Epoll && settings.Tls is null && !settings.Http.ProxyProtocol
            && settings.Http.Limits.ClientConnections + settings.Http.Limits.ClientRate == 0;
        return ProcessLimits.MaxConnections(settings.Tls is not null ? ConnectionKind.Tls : waitOutside ? ConnectionKind.Waiting : ConnectionKind.Plain);
    }

    /// <summary>Builds a server without sockets, to verify that these settings allow a start.</summary>
    /// <exception cref="ConfigurationException">They don't.</exception>
    public static async Task VerifyAsync(ServeSettings settings)
    {
        using CertificateStore? certificates = settings.Tls is null ? null : CertificateStore.Load(settings.Tls);
        await using WebApplication app = Build(settings, ServerSockets.None, certificates, _ => { });
    }

    private static void BuildPipeline(WebApplication app, ServeSettings settings, RefusedClients refused, int? tlsPort)
    {
        try
        {
            Pipeline.Build(app, settings, refused, tlsPort);
        }
        catch (Exception e) when (e is not (ConfigurationException or OutOfMemoryException))
        {
            // The innermost exception names the cause; the outer ones only name the framework's steps.
            throw new ConfigurationException($"a server can't be built from this configuration: {e.GetBaseException().Message}");
        }
    }

    /// <summary>
    /// Configures what all servers here share: no signal handling of the host's own, rcomm's log lines, and only warnings from the framework.
    /// </summary>
    public static void ConfigureHost(WebApplicationBuilder builder, LogSettings log)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton<IHostLifetime, NoLifetime>();
        services.Configure<ConnectionOptions>(connections => connections.SettingNames = new(
            ListeningGroup.Backlog.Variable, ListeningGroup.Shards.Variable, LimitsGroup.MaxConnections.Variable, ListeningGroup.Accept.Variable));
        // Options with no other source are given as they are: with AOT, creating the framework's generic services for each type of options
        // takes several milliseconds. The code that stops the server sets the time limit.
        services.AddSingleton(Options.Create(new HostOptions { ShutdownTimeout = Timeout.InfiniteTimeSpan }));
        services.AddSingleton(Options.Create(new FormOptions()));
        services.AddSingleton<IOptionsMonitor<MetricsOptions>>(new FixedOptions<MetricsOptions>(new MetricsOptions()));
        services.AddSingleton<ILoggerFactory>(_ => NewLoggerFactory(log));
        AddOptions<ConnectionOptions>(services);
        AddOptions<KestrelServerOptions>(services);
        AddOptions<SocketTransportOptions>(services);
    }

    // What the framework would do, with types that the compiler sees.
    private static void AddOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(IServiceCollection services)
        where T : class =>
        services.AddSingleton<IOptions<T>>(provider => new OptionsManager<T>(new OptionsFactory<T>(
            provider.GetServices<IConfigureOptions<T>>(), provider.GetServices<IPostConfigureOptions<T>>(), provider.GetServices<IValidateOptions<T>>())));

    private static LoggerFactory NewLoggerFactory(LogSettings log)
    {
        var filters = new LoggerFilterOptions { MinLevel = log.Level };
        filters.AddFilter("Microsoft", log.Level > LogLevel.Debug ? LogLevel.Warning : LogLevel.Information);
        // It would make a trace id and a scope for each request, which no log line uses.
        if (log.Level > LogLevel.Debug) filters.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        var console = new ConsoleLoggerOptions
        {
            FormatterName = LineFormatter.FormatterName,
            LogToStandardErrorThreshold = LogLevel.Trace,
            // A request, a signal or a probe must never wait for the reader of standard error.
            QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite,
        };
        return new LoggerFactory([new ConsoleLoggerProvider(new FixedOptions<ConsoleLoggerOptions>(console), [new LineFormatter(log)])], filters);
    }

    private static void AddProxy(IServiceCollection services, ServeSettings settings)
    {
        if (settings.Proxy.Count == 0) return;
        string[] ownHeaders = [.. settings.Http.Headers.Concat(settings.Http.SecureHeaders).Select(header => header.Key)];
        services.AddSingleton(provider =>
            new ReverseProxy(settings.Proxy, settings.Forwarding, ownHeaders, provider.GetRequiredService<ILoggerFactory>().CreateLogger("Rcomm")));
    }

    // The serve command handles signals; the host must not.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
