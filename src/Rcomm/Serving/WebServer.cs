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
        ConfigureHost(builder, settings.ShutdownTimeout);
        builder.WebHost
            .UseKestrelCore()
            .ConfigureKestrel(kestrel => kestrel.AddServerHeader = false)
            .UseListenSockets(sockets, options => options.Monitor = settings.Monitor);
        Telemetry.PushIfAsked(builder.Services);

        builder.Services.AddSingleton<Drain>();
        if (settings.AccessLog) builder.Services.AddSingleton(_ => new AccessLog(Console.OpenStandardOutput()));

        WebApplication app = builder.Build();
        if (app.Services.GetService<AccessLog>() is { } accessLog) app.Use(next => context => accessLog.FollowAsync(context, next));
        Drain drain = app.Services.GetRequiredService<Drain>();
        app.Use(next => context => drain.MarkAsync(context, next));
        app.Run(new StaticSite(new DocumentRoot(settings.DocumentRoot)).AnswerAsync);
        return app;
    }

    /// <summary>What every server of ours shares: no signals of its own, our own log lines, and of the framework's only what is wrong.</summary>
    public static void ConfigureHost(WebApplicationBuilder builder, TimeSpan shutdownTimeout)
    {
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = shutdownTimeout);
        builder.Services.AddSingleton<ConsoleFormatter, LineFormatter>();
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddConsole(console =>
        {
            console.FormatterName = LineFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Warning;
        });
    }

    // Signals are the serve command's own; the host must not take them.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
