using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rcomm.Admin;
using Rcomm.Connections.Http1;
using Rcomm.Http;
using Rcomm.Http.AccessLogging;
using Rcomm.Kestrel;
using Rcomm.Listening.Sockets;
using Rcomm.Requests;
using Rcomm.Status;

namespace Rcomm.Server;

/// <summary>The server of the admin pages. It is separate from the site's, so that a full queue or a drain there never makes them unreachable.</summary>
internal static class AdminServer
{
    /// <summary>Builds the server without starting it; it owns the sockets.</summary>
    public static WebApplication Build(IReadOnlyCollection<ListenSocket> sockets, ServerStatus status, AdminSettings access, LogSettings log)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ServerBuilder.ConfigureHost(builder, log with { Level = log.Level > LogLevel.Warning ? log.Level : LogLevel.Warning });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => (kestrel.AddServerHeader, kestrel.AllowHostHeaderOverride) = (false, true))
            .UseListenSockets(sockets, configureEndpoint: (_, endpoint) => endpoint.Use(next => connection => StrictRequests.InvokeAsync(connection, next)));
        Telemetry.CollectForPrometheus(builder.Services);

        WebApplication app = builder.Build();
        var failed = new FailedRequests(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Rcomm"),
            (context, status) => TextAnswer.SendAsync(context, status, "500 Internal Server Error\n"));
        app.Use(next => context => failed.InvokeAsync(context, next));
        app.Use(next => context => RequestChecks.InvokeAsync(context, next, refused: null));
        var guard = new AdminAccess(access);
        app.Use(next => context => guard.InvokeAsync(context, next));
        app.UseOpenTelemetryPrometheusScrapingEndpoint();
        app.Run(new AdminPages(status).AnswerAsync);
        return app;
    }
}
