using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Rcomm.Listening.Monitoring;
using Rcomm.Requests;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>Exports the meters of the listen queues, of Kestrel and of the runtime.</summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] Meters =
    [
        QueueMetrics.MeterName, FastPathMetrics.MeterName, RequestMetrics.MeterName, ProcessMetrics.MeterName, Proxy.ProxyMetrics.MeterName,
        Watch.WatchMetrics.MeterName,
        "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime",
    ];

    // Prometheus reserves the suffix _count for histograms.
    private static readonly (string Name, string ForPrometheus)[] Renamed =
    [
        ("dotnet.assembly.count", "dotnet.assemblies"),
        ("dotnet.process.cpu.count", "dotnet.process.cpus"),
        ("dotnet.timer.count", "dotnet.timers"),
    ];

    /// <summary>Pushes metrics by OTLP if OpenTelemetry's variable for it is set; the exporter reads the other variables itself.</summary>
    public static void PushIfAsked(IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable(Endpoint) is null or "") return;
        Open(services).WithMetrics(metrics => metrics.AddMeter(Meters).AddOtlpExporter());
    }

    /// <summary>Collects metrics for Prometheus.</summary>
    public static void CollectForPrometheus(IServiceCollection services) =>
        Open(services).WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters).AddPrometheusExporter();
            foreach ((string name, string forPrometheus) in Renamed) metrics.AddView(name, forPrometheus);
        });

    // OTEL_SERVICE_NAME has priority, as OpenTelemetry specifies.
    private static OpenTelemetryBuilder Open(IServiceCollection services) => services.AddOpenTelemetry().ConfigureResource(resource =>
    {
        if (Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is null or "") resource.AddService("rcomm", serviceVersion: ProgramVersion.Text);
    });
}
