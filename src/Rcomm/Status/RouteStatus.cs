namespace Rcomm.Status;

/// <summary>How the upstreams of a route are, for the admin pages.</summary>
/// <param name="Path">The route's path.</param>
/// <param name="Waiting">Requests that wait for their turn.</param>
internal sealed record RouteStatus(string Path, IReadOnlyList<string> Hosts, long Waiting, IReadOnlyList<UpstreamStatus> Upstreams)
{
    /// <summary>False where every upstream of the route is down.</summary>
    public bool IsReady => Upstreams.Any(upstream => upstream.Up);
}

/// <summary>How one upstream is.</summary>
/// <param name="InFlight">Requests that it has now.</param>
internal sealed record UpstreamStatus(string Address, bool Up, int InFlight);
