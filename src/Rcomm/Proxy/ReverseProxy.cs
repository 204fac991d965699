using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Transforms;

namespace Rcomm.Proxy;

/// <summary>Hands requests on to other services (YARP), each behind a queue of its own.</summary>
internal sealed class ReverseProxy : IDisposable
{
    public const string MeterName = "Rcomm.Proxy";

    private static readonly TimeSpan HealthInterval = TimeSpan.FromSeconds(5);
    // How long one that could not be reached is left alone.
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<ProxyRoute> _routes;
    private readonly Dictionary<string, UpstreamQueue> _queues;
    private readonly Meter _meter = new(MeterName);

    public ReverseProxy(IReadOnlyList<ProxyRoute> routes)
    {
        _routes = routes;
        _queues = routes.Select((route, i) => (Name(i), Queue: new UpstreamQueue(route.Limits))).ToDictionary(one => one.Item1, one => one.Queue);
        _meter.CreateObservableGauge("rcomm.proxy.queue.depth",
            () => _routes.Select((route, i) => new Measurement<long>(_queues[Name(i)].Waiting, new KeyValuePair<string, object?>("http.route", route.Path))),
            "{request}", "Requests that wait for their turn at an upstream");
    }

    /// <param name="ownHeaders">The names of what every answer of ours has.</param>
    public void AddTo(IServiceCollection services, IReadOnlyList<string> ownHeaders)
    {
        services.AddRouting();
        services.AddReverseProxy()
            .LoadFromMemory([.. _routes.Select(RouteOf)], [.. _routes.Select(ClusterOf)])
            .AddTransforms(transforms =>
            {
                transforms.AddOriginalHost();
                transforms.AddRequestTransform(RequestTarget.Keep);
                transforms.AddResponseTransform(response => PreferUpstream(response.HttpContext.Response.Headers, ownHeaders));
            });
        services.Configure<TransportFailureRateHealthPolicyOptions>(options =>
        {
            options.MinimalTotalCountThreshold = 1;
            options.DefaultFailureRateLimit = 0.5;
            options.DetectionWindowSize = Recovery;
        });
    }

    /// <summary>Puts the routes into the way of requests; those of none go on.</summary>
    /// <param name="sendError">Answers with an error.</param>
    public void Map(WebApplication app, Func<HttpContext, int, Task> sendError)
    {
        app.UseRouting();
        app.UseEndpoints(_ => { });
        app.MapReverseProxy(pipeline =>
        {
            pipeline.Use(next => async context =>
            {
                UpstreamQueue queue = _queues[context.GetReverseProxyFeature().Cluster.Config.ClusterId];
                if (await queue.InvokeAsync(context, next) || context.RequestAborted.IsCancellationRequested) return;
                context.Response.Headers.RetryAfter = "1";
                await sendError(context, StatusCodes.Status503ServiceUnavailable);
            });
            pipeline.Use(next => context => Retry.InvokeAsync(context, next));
            pipeline.UseLoadBalancing();
            pipeline.UsePassiveHealthChecks();
        });
    }

    public void Dispose()
    {
        _meter.Dispose();
        foreach (UpstreamQueue queue in _queues.Values) queue.Dispose();
    }

    // Ours came first. What the service says of its own pages goes before it, and a browser must not see two that contradict each other.
    private static ValueTask PreferUpstream(IHeaderDictionary headers, IReadOnlyList<string> ownHeaders)
    {
        foreach (string name in ownHeaders)
            if (headers[name] is { Count: > 1 } both) headers[name] = both.Skip(1).ToArray();
        return default;
    }

    private static RouteConfig RouteOf(ProxyRoute route, int number) => new()
    {
        RouteId = Name(number),
        ClusterId = Name(number),
        Order = number,
        Match = new RouteMatch
        {
            Path = route.Path.EndsWith('*') ? route.Path[..^1] + "{**rest}" : route.Path,
            Hosts = route.Hosts.Count == 0 ? null : route.Hosts,
        },
    };

    private static ClusterConfig ClusterOf(ProxyRoute route, int number) => new()
    {
        ClusterId = Name(number),
        LoadBalancingPolicy = LoadBalancingPolicies.LeastRequests,
        Destinations = route.Upstreams.Select((upstream, i) => (i, upstream)).ToDictionary(
            one => one.i.ToString(CultureInfo.InvariantCulture), one => new DestinationConfig { Address = one.upstream.ToString() }),
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = route.Limits.Timeout },
        HttpClient = new HttpClientConfig { EnableMultipleHttp2Connections = true },
        HealthCheck = new HealthCheckConfig
        {
            // With a single upstream there is nothing to turn to: asking it is better than refusing everybody.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            Passive = new PassiveHealthCheckConfig { Enabled = route.Upstreams.Count > 1, Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate, ReactivationPeriod = Recovery },
            Active = new ActiveHealthCheckConfig
            {
                Enabled = route.Limits.HealthPath != "",
                Path = route.Limits.HealthPath == "" ? null : route.Limits.HealthPath,
                Interval = HealthInterval,
                Timeout = HealthInterval,
                Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            },
        },
    };

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"proxy[{number}]");
}
