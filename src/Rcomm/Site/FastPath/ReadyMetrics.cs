using System.Diagnostics.Metrics;
using Rcomm.Transport.FastPath;

namespace Rcomm.Site.FastPath;

/// <summary>The metrics of ready answers, in addition to the fast path's own.</summary>
internal sealed class ReadyMetrics : IDisposable
{
    private readonly Meter _meter = new(FastPathMetrics.MeterName);

    public ReadyMetrics(HostedSites sites)
    {
        _meter.CreateObservableUpDownCounter("rcomm.fast_path.ready_answers", () => sites.Ready.Count, "{answer}",
            "Responses that are ready for the fast path.");
        _meter.CreateObservableUpDownCounter("rcomm.fast_path.ready_size", () => sites.Ready.Bytes, "By",
            "Bytes of the ready responses, including bodies that the file cache holds anyway.");
    }

    public void Dispose() => _meter.Dispose();
}
