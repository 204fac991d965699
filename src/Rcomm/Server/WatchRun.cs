using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Rcomm.Cli;
using Rcomm.Http.AccessLogging;
using Rcomm.Kestrel;
using Rcomm.Listening.Sockets;
using Rcomm.Watch;

namespace Rcomm.Server;

/// <summary>One run of <c>rcomm watch</c>: the watch, and its admin pages if they have an address.</summary>
internal static class WatchRun
{
    private static readonly TimeSpan MinPollTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Watches until it is stopped. Returns the process's exit code.</summary>
    public static async Task<int> RunAsync(WatchOptions options, CancellationToken stop)
    {
        try
        {
            IReadOnlyList<ListenSocket> sockets = options.Admin is null ? [] : [.. options.Admin.Expand().Select(address => ListenSocket.Open(address))];
            await using WebApplication app = Build(options, sockets, out HostWatch watch);
            using (watch)
            using (new WatchMetrics(watch))
            {
                // Without an address nothing is served; resolving the provider starts the push of metrics.
                if (sockets.Count > 0) await app.StartAsync(stop);
                else _ = app.Services.GetService<MeterProvider>();
                foreach (ListenSocket socket in sockets) ServerLog.AdminPagesAt(Logger(app), $"http://{socket.Address}/");
                await watch.RunAsync(stop);
                if (sockets.Count > 0) await TimedStop.StopAsync(app, TimedStop.AdminTimeout);
            }
            return ExitCodes.Fine;
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"rcomm: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private static WebApplication Build(WatchOptions options, IReadOnlyList<ListenSocket> sockets, out HostWatch watch)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ServerBuilder.ConfigureHost(builder, LogSettings.Default);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseListenSockets(sockets);
        if (sockets.Count > 0) Telemetry.CollectForPrometheus(builder.Services);
        Telemetry.PushIfAsked(builder.Services);

        WebApplication app = builder.Build();
        watch = new HostWatch(options, Logger(app));
        if (sockets.Count > 0) app.UseOpenTelemetryPrometheusScrapingEndpoint();
        app.Run(new WatchPages(watch, MinPollTimeout + 5 * options.Interval).InvokeAsync);
        return app;
    }

    private static ILogger Logger(WebApplication app) => app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Rcomm");
}
