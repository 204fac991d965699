using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Requests;

/// <summary>The metrics of requests, named by OpenTelemetry's semantic conventions for HTTP; docs/metrics.md lists them.</summary>
internal sealed class RequestMetrics : IDisposable
{
    public const string MeterName = "Rcomm.Http";

    /// <summary>The route of requests that are not forwarded.</summary>
    public const string FileRoute = "file";

    // A tag is an object, so these are created once.
    private static readonly object[] Statuses = [.. Enumerable.Range(0, 600).Select(status => (object)status)];

    // The boundaries that the conventions recommend.
    private static readonly InstrumentAdvice<double> Boundaries =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _refused;
    private int _inFlight;
    private long _answered;
    private long _refusedCount;

    public RequestMetrics()
    {
        _duration = _meter.CreateHistogram("http.server.request.duration", "s", "How long requests took, from their head to the end of the response",
            advice: Boundaries);
        _refused = _meter.CreateCounter<long>("rcomm.clients.refused", "{client}",
            "Clients and requests that were refused before they reached a page or an upstream");
        _meter.CreateObservableUpDownCounter("http.server.active_requests", () => InFlight, "{request}", "Requests in flight");
    }

    /// <summary>The number of requests being answered.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>The number of requests answered so far.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>The number of clients and requests turned away so far.</summary>
    public long RefusedCount => Interlocked.Read(ref _refusedCount);

    /// <summary>Counts a client or a request that is turned away.</summary>
    /// <param name="reason">A short name of the reason, as in docs/metrics.md.</param>
    public void Refused(string reason)
    {
        Interlocked.Increment(ref _refusedCount);
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>Records a request that was answered outside the pipeline.</summary>
    public void Record(string method, int status, string route, TimeSpan duration)
    {
        Interlocked.Increment(ref _answered);
        if (!_duration.Enabled) return;
        _duration.Record(duration.TotalSeconds, new TagList
        {
            { "http.request.method", method },
            { "http.response.status_code", status < Statuses.Length ? Statuses[status] : status },
            { "http.route", route },
        });
    }

    /// <summary>Counts a request that enters the pipeline.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>Records a request that leaves the pipeline.</summary>
    public void End(HttpContext context, int status, TimeSpan duration)
    {
        Interlocked.Decrement(ref _inFlight);
        Record(MethodOf(context.Request.Method), status, RouteOf(context), duration);
    }

    public void Dispose() => _meter.Dispose();

    private static string RouteOf(HttpContext context) => context.Feature<MeasuredRoute>()?.Path ?? FileRoute;

    // Unknown methods share one value, since clients can send any.
    private static string MethodOf(string method) =>
        method is "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "PATCH" or "OPTIONS" or "CONNECT" or "TRACE" ? method : "_OTHER";
}

/// <summary>The route that answers a request, as a feature of the request; without it the request is for a file.</summary>
/// <param name="Path">The route's path, e.g. <c>/api/*</c>.</param>
internal sealed record MeasuredRoute(string Path);
