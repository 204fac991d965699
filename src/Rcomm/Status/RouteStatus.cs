namespace Rcomm.Status;

/// <summary>The state of a route's upstreams, for the admin pages.</summary>
/// <param name="Path">The route's path.</param>
/// <param name="Waiting">The number of waiting requests.</param>
internal sealed record RouteStatus(string Path, IReadOnlyList<string> Hosts, long Waiting, IReadOnlyList<UpstreamStatus> Upstreams)
{
    /// <summary>False if every upstream of the route is down.</summary>
    public bool IsReady => Upstreams.Any(upstream => upstream.Up);
}

/// <summary>The state of one upstream.</summary>
/// <param name="InFlight">The number of its current requests.</param>
internal sealed record UpstreamStatus(string Address, bool Up, int InFlight);
