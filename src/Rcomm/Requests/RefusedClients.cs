using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rcomm.Shared.Logging;

namespace Rcomm.Requests;

/// <summary>Counts every client that is turned away before it reaches a page or an upstream, and logs each reason once a minute.</summary>
internal sealed partial class RefusedClients(RequestMetrics metrics)
{
    public const string TlsHandshake = "tls_handshake", ProxyHeader = "proxy_header", ClientLimit = "client_limit", Overload = "overload";
    public const string BadRequest = "bad_request", RequestTimeout = "request_timeout", BodyTooLarge = "body_too_large";
    public const string TargetTooLong = "target_too_long", HeadersTooLarge = "headers_too_large", PlainHttp = "plain_http_to_https";

    private readonly ConcurrentDictionary<string, LogThrottle> _reasons = new();
    // The generated log method uses this field.
    private ILogger _logger = NullLogger.Instance;

    public void LogTo(ILogger logger) => _logger = logger;

    public void Add(string reason)
    {
        metrics.Refused(reason);
        if (_reasons.GetOrAdd(reason, _ => new LogThrottle(TimeSpan.FromMinutes(1))).TryTake(out long count))
            Refused(count, count == 1 ? "client was" : "clients were", Describe(reason), $"rcomm_clients_refused_total{{reason=\"{reason}\"}}");
    }

    private static string Describe(string reason) => reason switch
    {
        TlsHandshake => "the TLS handshake failed",
        PlainHttp => "a plain HTTP request was sent to an HTTPS port (400; --https-redirect ADDRESS redirects plain HTTP)",
        ProxyHeader => "the connection didn't begin with a valid PROXY header",
        Overload => "the limit of open connections is reached (503; --max-connections, --overload)",
        ClientLimit => "one address has too many connections, or opens them too fast (429; --client-connections, --client-rate)",
        RequestTimeout => "a request or its body arrived too slowly (408; --header-timeout, --min-rate)",
        BodyTooLarge => "a body was too large (413; --max-body)",
        TargetTooLong => "a request line was too long (414; --max-request-line)",
        HeadersTooLarge => "a request's headers were too large (431; --max-header-size, --max-headers)",
        _ => "a request wasn't valid HTTP (400)",
    };

    [LoggerMessage(42, LogLevel.Warning, "{Count} {Clients} refused: {Why}. Logged at most once a minute for each reason; " +
        "the metric {Metric} counts all.")]
    private partial void Refused(long count, string clients, string why, string metric);
}
