using System.Security.Cryptography.X509Certificates;

namespace Rcomm.Proxy;

/// <summary>Requests that are forwarded to another service.</summary>
/// <param name="Path">A path, or one that ends with <c>/*</c> for everything below it: <c>/api/*</c>.</param>
/// <param name="Hosts">The host names; empty for all.</param>
/// <param name="Upstreams">The addresses of the service. A request goes to the least busy one that is up.</param>
internal sealed record ProxyRoute(string Path, IReadOnlyList<string> Hosts, IReadOnlyList<UpstreamAddress> Upstreams, UpstreamLimits Limits);

/// <summary>The limits of an upstream, and its HTTP version.</summary>
/// <param name="Requests">The maximum number of concurrent requests, and thus connections.</param>
/// <param name="Queue">How many requests may wait.</param>
/// <param name="Wait">How long each of them may wait.</param>
/// <param name="Timeout">How long an upstream may be silent.</param>
/// <param name="HealthPath">Requested every few seconds to check the upstream; empty for no checks.</param>
/// <param name="Http">1.1 or 2.</param>
internal sealed record UpstreamLimits(int Requests, int Queue, TimeSpan Wait, TimeSpan Timeout, string HealthPath, Version Http);

/// <summary>Options for all routes.</summary>
/// <param name="ConnectTimeout">How long connecting to an upstream may take.</param>
/// <param name="StreamTimeout">How long a WebSocket or an event stream may be silent; zero for no limit.</param>
/// <param name="Buffering">How bodies are buffered for slow clients.</param>
/// <param name="Authorities">The certificate authorities for https:// upstreams; null for the system's.</param>
/// <param name="Via">The name of this proxy in the Via field; empty to omit the field.</param>
/// <param name="Trace">Whether TRACE requests are forwarded.</param>
internal sealed record ForwardingOptions(
    TimeSpan ConnectTimeout, TimeSpan StreamTimeout, BufferingOptions Buffering, X509Certificate2Collection? Authorities, string Via, bool Trace);

/// <summary>The objects shared by the routes of a proxy.</summary>
/// <param name="AnswerHead">How the heads of responses are forwarded.</param>
/// <param name="Budget">The memory for buffered bodies.</param>
internal sealed record SharedByRoutes(ForwardingOptions Options, AnswerHead AnswerHead, Bodies.MemoryBudget Budget, ProxyMetrics Metrics);

/// <summary>How bodies are buffered for slow clients.</summary>
/// <param name="IsOn">If false, bodies are forwarded at the speed of the slower side.</param>
/// <param name="Memory">The memory for the bodies of all requests together, in bytes.</param>
/// <param name="File">The maximum size of a body's temporary file, in bytes.</param>
internal sealed record BufferingOptions(bool IsOn, int Memory, int File);
