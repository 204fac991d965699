using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rcomm.Http.AccessLogging;

namespace Rcomm.Http;

/// <summary>
/// Counts every client that is turned away before a page or an upstream is asked, and says so once a minute for each reason. What Kestrel itself refuses comes by its
/// diagnostic event.
/// </summary>
internal sealed partial class RefusedClients(RequestMetrics metrics) : IObserver<KeyValuePair<string, object?>>
{
    /// <summary>The event of Kestrel for a request that it refuses; its value is the connection's features.</summary>
    public const string KestrelEvent = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public const string TlsHandshake = "tls_handshake", ProxyHeader = "proxy_header", ClientLimit = "client_limit", Overload = "overload";
    public const string BadRequest = "bad_request", RequestTimeout = "request_timeout";

    private const long LogInterval = 60_000;

    private readonly ConcurrentDictionary<string, Reason> _reasons = new();
    // What the generated log method writes to.
    private ILogger _logger = NullLogger.Instance;
    private AccessLog? _accessLog;

    /// <summary>Says so from now on.</summary>
    /// <param name="accessLog">Gets a line for each request that Kestrel refuses; null where it is off.</param>
    public void LogTo(ILogger logger, AccessLog? accessLog) => (_logger, _accessLog) = (logger, accessLog);

    /// <summary>Counts one.</summary>
    public void Add(string reason)
    {
        metrics.Refused(reason);
        if (_reasons.GetOrAdd(reason, _ => new Reason()).TryTake(out long count)) Refused(count, count == 1 ? "client was" : "clients were", Describe(reason));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        // Where the answer has begun, what Kestrel refuses is the rest of a body that nobody asked for.
        if (value.Value is not IFeatureCollection request || request.Get<IHttpResponseFeature>() is { HasStarted: true }) return;
        int status = request.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException e ? e.StatusCode : StatusCodes.Status400BadRequest;
        Add(status switch
        {
            StatusCodes.Status408RequestTimeout => RequestTimeout,
            StatusCodes.Status413PayloadTooLarge => "body_too_large",
            StatusCodes.Status414UriTooLong => "target_too_long",
            StatusCodes.Status431RequestHeaderFieldsTooLarge => "headers_too_large",
            _ => BadRequest,
        });
        // What came as far as the pipeline has its line from there.
        if (_accessLog is { } log && request.Get<LoggedRequest>() is null) log.Write(AccessEntry.OfRefused(request, status));
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private static string Describe(string reason) => reason switch
    {
        TlsHandshake => "the TLS handshake failed",
        ProxyHeader => "the connection didn't begin with a valid PROXY header",
        Overload => "the limit of open connections is reached (503; --max-connections, --overload)",
        ClientLimit => "one address has too many connections, or opens them too fast (429; --client-connections, --client-rate)",
        RequestTimeout => "a request or its body came too slowly (408; --header-timeout, --min-rate)",
        "body_too_large" => "a body was too large (413; --max-body)",
        "target_too_long" => "a request line was too long (414; --max-request-line)",
        "headers_too_large" => "a request's headers were too large (431; --max-header-size, --max-headers)",
        _ => "a request wasn't valid HTTP (400)",
    };

    [LoggerMessage(42, LogLevel.Warning, "{Count} {Clients} turned away: {Why}. This is said at most once a minute; the metric rcomm.clients.refused counts all.")]
    private partial void Refused(long count, string clients, string why);

    private sealed class Reason
    {
        private long _count;
        private long _said = long.MinValue / 2;

        // True once a minute, with how many there were since the last time.
        public bool TryTake(out long count)
        {
            Interlocked.Increment(ref _count);
            long now = Environment.TickCount64, said = Interlocked.Read(ref _said);
            bool isDue = now - said >= LogInterval && Interlocked.CompareExchange(ref _said, now, said) == said;
            count = isDue ? Interlocked.Exchange(ref _count, 0) : 0;
            return isDue;
        }
    }
}
