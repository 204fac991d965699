using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Rcomm.Proxy;

/// <summary>The metrics of upstreams; docs/metrics.md lists them.</summary>
internal sealed class ProxyMetrics : IDisposable
{
    public const string MeterName = "Rcomm.Proxy";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _failures;

    public ProxyMetrics()
    {
        _duration = _meter.CreateHistogram<double>(
            "rcomm.proxy.upstream.duration", "s", "How long upstreams took for a request, from its turn to the end of the response");
        _failures = _meter.CreateCounter<long>("rcomm.proxy.failures", "{request}", "Requests answered 502, 503 or 504 by the proxy itself");
    }

    /// <summary>Starts to observe routes and their upstreams.</summary>
    public void Observe(IReadOnlyList<RouteForwarding> routes)
    {
        _meter.CreateObservableGauge(
            "rcomm.proxy.queue.depth", () => routes.Select(one => new Measurement<long>(one.Queue.Waiting, RouteTag(one.Route.Path))), "{request}",
            "Requests that wait for their turn at an upstream");
        _meter.CreateObservableGauge(
            "rcomm.proxy.upstream.up", () => OfUpstreams(routes, one => one.IsUp ? 1 : 0), "1",
            "1 while an upstream is up, 0 while it can't be reached or fails its health check");
        _meter.CreateObservableGauge(
            "rcomm.proxy.upstream.active_requests", () => OfUpstreams(routes, one => one.InFlight), "{request}",
            "Requests in flight at an upstream");
    }

    public void Ended(Upstream upstream, long began)
    {
        if (_duration.Enabled) _duration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, UpstreamTag(upstream));
    }

    /// <param name="upstream">Null if the request never reached one.</param>
    public void Failed(string route, Upstream? upstream, int status)
    {
        if (!_failures.Enabled) return;
        TagList tags = [RouteTag(route), new("http.response.status_code", status.ToString(CultureInfo.InvariantCulture))];
        if (upstream is not null) tags.Add(UpstreamTag(upstream));
        _failures.Add(1, tags);
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> OfUpstreams(IReadOnlyList<RouteForwarding> routes, Func<Upstream, long> read) =>
        routes.SelectMany(route => route.Balancer.Upstreams.Select(one => new Measurement<long>(read(one), RouteTag(route.Route.Path), UpstreamTag(one))));

    private static KeyValuePair<string, object?> RouteTag(string path) => new("http.route", path);

    private static KeyValuePair<string, object?> UpstreamTag(Upstream upstream) => new("upstream", upstream.Address.ToString());
}
