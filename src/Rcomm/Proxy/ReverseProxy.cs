using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rcomm.Proxy.Bodies;
using Rcomm.Status;

namespace Rcomm.Proxy;

/// <summary>Forwards requests to other services. Each route has its own queue.</summary>
internal sealed class ReverseProxy : IDisposable
{
    private static readonly TimeSpan MinSweep = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxSweep = TimeSpan.FromSeconds(1);

    private readonly List<RouteForwarding> _routes = [];
    private readonly List<HealthChecks> _checks = [];
    private readonly List<IDisposable> _owned = [];
    private readonly List<Upstream> _upstreams = [];
    private readonly ProxyMetrics _metrics = new();
    private readonly RouteTable _table;
    private readonly Timer _sweep;

    /// <param name="ownHeaders">The names of the headers that every response has.</param>
    public ReverseProxy(IReadOnlyList<ProxyRoute> routes, ForwardingOptions options, IReadOnlyList<string> ownHeaders, ILogger logger)
    {
        var shared = new SharedByRoutes(options, new AnswerHead(ownHeaders), new MemoryBudget(options.Buffering.Memory), _metrics);
        foreach (ProxyRoute route in routes)
        {
            List<Upstream> upstreams = [.. route.Upstreams.Select(
                address => new Upstream(address, route.Limits.Http, options, new UpstreamLog(logger, $"upstream {address}")))];
            var queue = new UpstreamQueue(route.Limits);
            var queueLog = new UpstreamLog(logger, $"route {string.Concat(route.Hosts.Take(1))}{route.Path}");
            var checks = new HealthChecks(route, upstreams, options);
            _routes.Add(new RouteForwarding(route, new Balancer(upstreams), queue, queueLog, shared));
            _upstreams.AddRange(upstreams);
            _checks.Add(checks);
            _owned.AddRange([queue, queueLog, checks, .. upstreams]);
        }
        _table = new RouteTable(_routes);
        _metrics.Observe(_routes);
        // A timeout is noticed at most a quarter of its length late.
        double interval = routes.Min(route => Math.Clamp(route.Limits.Timeout.TotalMilliseconds / 4, MinSweep.TotalMilliseconds, MaxSweep.TotalMilliseconds));
        _sweep = new Timer(_ => Sweep(), null, (int)interval, (int)interval);
    }

    /// <summary>The current state of the routes.</summary>
    public IReadOnlyList<RouteStatus> Status => [.. _routes.Select(one => new RouteStatus(one.Route.Path, one.Route.Hosts, one.Queue.Waiting,
        [.. one.Balancer.Upstreams.Select(upstream => new UpstreamStatus(upstream.Address.ToString(), upstream.IsUp, upstream.InFlight))]))];

    /// <summary>Starts the health checks.</summary>
    public void Start() => _checks.ForEach(checks => checks.Start());

    /// <summary>Forwards a request, or passes it on if no route matches.</summary>
    /// <param name="sendError">Answers with an error.</param>
    public Task InvokeAsync(HttpContext context, RequestDelegate next, Func<HttpContext, int, Task> sendError) =>
        _table.Find(context) is { } route ? route.ForwardAsync(context, sendError) : next(context);

    public void Dispose()
    {
        _sweep.Dispose();
        foreach (IDisposable one in _owned) one.Dispose();
        _metrics.Dispose();
    }

    private void Sweep()
    {
        foreach (Upstream upstream in _upstreams) upstream.Pool.Sweep();
    }
}
