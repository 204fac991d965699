using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Rcomm.Kestrel;
using Rcomm.Listening.Sockets;
using Rcomm.Server;

namespace Rcomm.Admin;

/// <summary>The admin pages: a server of their own beside the site's, so that a full queue or a drain there never hides them.</summary>
internal static class AdminServer
{
    /// <summary>The server, not yet started; it owns the sockets.</summary>
    public static WebApplication Build(IReadOnlyCollection<ListenSocket> sockets, ServerStatus status)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ServerBuilder.ConfigureHost(builder, TimeSpan.FromSeconds(1), LogLevel.Warning);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseListenSockets(sockets);
        Telemetry.CollectForPrometheus(builder.Services);

        WebApplication app = builder.Build();
        app.UseOpenTelemetryPrometheusScrapingEndpoint();
        app.Run(new AdminPages(status).AnswerAsync);
        return app;
    }
}
