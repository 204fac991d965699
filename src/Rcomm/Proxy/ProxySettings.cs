using System.Security.Cryptography.X509Certificates;

namespace Rcomm.Proxy;

/// <summary>Requests that another service answers.</summary>
/// <param name="Path">Which, as a path, or as one with <c>/*</c> at its end for all below it: <c>/api/*</c>.</param>
/// <param name="Hosts">For which host names; none for all.</param>
/// <param name="Upstreams">Where the service is; where it is at several, the least busy one that is up.</param>
internal sealed record ProxyRoute(string Path, IReadOnlyList<string> Hosts, IReadOnlyList<UpstreamAddress> Upstreams, UpstreamLimits Limits);

/// <summary>How an upstream is asked: how much it is given at once, for how long, and in which version of HTTP.</summary>
/// <param name="Requests">Requests, and so connections, at once.</param>
/// <param name="Queue">Requests that may wait their turn.</param>
/// <param name="Wait">How long each of them may.</param>
/// <param name="Timeout">How long an upstream may be silent.</param>
/// <param name="HealthPath">Requested every few seconds to see whether the upstream is up; empty for not at all.</param>
/// <param name="Http">1.1 or 2.</param>
internal sealed record UpstreamLimits(int Requests, int Queue, TimeSpan Wait, TimeSpan Timeout, string HealthPath, Version Http);

/// <summary>How requests are forwarded, whatever their route.</summary>
/// <param name="ConnectTimeout">How long connecting to an upstream may take.</param>
/// <param name="StreamTimeout">How long a WebSocket or an event stream may be silent; zero for no limit.</param>
/// <param name="Buffering">Where bodies are kept while a client is slow.</param>
/// <param name="Authorities">The certificate authorities that https:// upstreams must have their certificates from; null for the system's.</param>
/// <param name="Via">The name of this proxy in the Via field; empty for no such field.</param>
/// <param name="Trace">Forward TRACE requests.</param>
internal sealed record ForwardingOptions(
    TimeSpan ConnectTimeout, TimeSpan StreamTimeout, BufferingOptions Buffering, X509Certificate2Collection? Authorities, string Via, bool Trace);

/// <summary>What the routes of a proxy share.</summary>
/// <param name="AnswerHead">How the heads of answers are forwarded.</param>
/// <param name="Budget">Memory for the bodies that are kept.</param>
internal sealed record SharedByRoutes(ForwardingOptions Options, AnswerHead AnswerHead, Bodies.MemoryBudget Budget, ProxyMetrics Metrics);

/// <summary>Where bodies are kept while a client is slow.</summary>
/// <param name="IsOn">False where bodies pass at the speed of the slower side.</param>
/// <param name="Memory">Bytes of memory for the bodies of all requests together.</param>
/// <param name="File">Bytes of a temporary file for each body.</param>
internal sealed record BufferingOptions(bool IsOn, int Memory, int File);
