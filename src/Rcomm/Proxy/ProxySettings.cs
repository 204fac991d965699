namespace Rcomm.Proxy;

/// <summary>Requests that another service answers.</summary>
/// <param name="Path">Which, as a pattern that ends with a star or not: <c>/api/*</c>.</param>
/// <param name="Hosts">For which host names; none for all.</param>
/// <param name="Upstreams">Where the service is; where it is at several, the least busy one that lives.</param>
internal sealed record ProxyRoute(string Path, IReadOnlyList<string> Hosts, IReadOnlyList<Uri> Upstreams, UpstreamLimits Limits);

/// <summary>How much an upstream is given at once, and for how long.</summary>
/// <param name="Requests">Requests, and so connections, at once.</param>
/// <param name="Queue">Requests that may wait their turn.</param>
/// <param name="Wait">How long each of them may.</param>
/// <param name="Timeout">How long an upstream may be silent.</param>
/// <param name="HealthPath">Asked every few seconds whether the upstream lives; empty for not at all.</param>
internal sealed record UpstreamLimits(int Requests, int Queue, TimeSpan Wait, TimeSpan Timeout, string HealthPath);
