using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Rcomm.Configuration;
using Rcomm.Kestrel;
using Rcomm.Listening;
using Rcomm.Logging;
using Rcomm.Site;

namespace Rcomm.Serving;

/// <summary>Kestrel, the site and the log put together for one set of settings.</summary>
internal static class WebServer
{
    /// <summary>The server, not yet started; it owns the sockets.</summary>
    public static WebApplication Build(ServeSettings settings, IReadOnlyCollection<ListenSocket> sockets)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ConfigureHost(builder, settings.ShutdownTimeout, settings.Log.Level);
        builder.WebHost
            .UseKestrelCore()
            .ConfigureKestrel(kestrel => kestrel.AddServerHeader = false)
            .UseListenSockets(sockets, options =>
            {
                options.Monitor = settings.Monitor;
                options.Limit = settings.MaxConnections is { } most ? new ConnectionLimit(most) : null;
                options.TurnAwayPastLimit = settings.Overload == Overload.Reject;
            });
        Telemetry.PushIfAsked(builder.Services);

        builder.Services.AddSingleton<Drain>();
        builder.Services.AddSingleton(_ => new HostedSites(settings.Site, settings.Hosts));
        AddAccessLog(builder.Services, settings.Log);

        WebApplication app = builder.Build();
        if (app.Services.GetService<AccessLog>() is { } accessLog) app.Use(next => context => accessLog.FollowAsync(context, next));
        if (settings.Log.RequestId) app.Use(next => context => RequestId.AddAsync(context, next));
        Drain drain = app.Services.GetRequiredService<Drain>();
        app.Use(next => context => drain.MarkAsync(context, next));
        app.Run(app.Services.GetRequiredService<HostedSites>().AnswerAsync);
        return app;
    }

    /// <summary>What every server of ours shares: no signals of its own, our own log lines, and of the framework's only what is wrong.</summary>
    public static void ConfigureHost(WebApplicationBuilder builder, TimeSpan shutdownTimeout, LogLevel level)
    {
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = shutdownTimeout);
        builder.Services.AddSingleton<ConsoleFormatter, LineFormatter>();
        builder.Logging.SetMinimumLevel(level).AddFilter("Microsoft", level > LogLevel.Debug ? LogLevel.Warning : LogLevel.Information).AddConsole(console =>
        {
            console.FormatterName = LineFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Warning;
        });
    }

    private static void AddAccessLog(IServiceCollection services, LogSettings settings)
    {
        if (settings.AccessLog.IsOff) return;
        services.AddSingleton(provider =>
        {
            ILogger logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("Rcomm");
            var output = new LogOutput(settings.AccessLog.StandardOutput, settings.AccessLog.File, why => ServerLog.AccessLogFails(logger, why));
            return new AccessLog(new LineWriter(output), settings.AccessLogFormat);
        });
    }

    // Signals are the serve command's own; the host must not take them.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
