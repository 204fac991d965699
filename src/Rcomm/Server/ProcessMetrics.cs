using System.Diagnostics;
using System.Diagnostics.Metrics;
using Rcomm.Connections.Tls;
using Rcomm.Shared.Linux;

namespace Rcomm.Server;

/// <summary>The metrics of the process and its certificates; docs/metrics.md lists them.</summary>
internal sealed class ProcessMetrics : IDisposable
{
    public const string MeterName = "Rcomm.Process";

    private readonly Meter _meter = new(MeterName);
    private readonly double _started = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds() / 1000.0;

    public ProcessMetrics(CertificateStore? certificates)
    {
        _meter.CreateObservableGauge("process.start_time", () => _started, "s", "When the process started, in seconds since 1970");
        _meter.CreateObservableGauge("rcomm.build.info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", ProgramVersion.Text)), "1",
            "Always 1; the attribute version is the program's version");
        if (OperatingSystem.IsLinux())
        {
            _meter.CreateObservableGauge("process.open_file_descriptor.count", CountDescriptors, "{file_descriptor}", "Open file descriptors");
            _meter.CreateObservableGauge("process.open_file_descriptor.limit", () => (long)(DescriptorLimit.Read()?.Soft ?? 0), "{file_descriptor}",
                "Limit of open file descriptors (ulimit -n)");
        }
        if (certificates is not null)
            _meter.CreateObservableGauge("rcomm.tls.certificate.expires_in", () => certificates.All.Select(one =>
                new Measurement<double>((one.NotAfter - DateTimeOffset.UtcNow).TotalSeconds,
                    new KeyValuePair<string, object?>("certificate", one.Name))), "s", "Seconds until a certificate expires; negative if it has expired");
    }

    public void Dispose() => _meter.Dispose();

    private static long CountDescriptors() => Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount();
}
