using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Rcomm.Http;
using Rcomm.Http.AccessLogging;
using Rcomm.Requests;
using Rcomm.Settings;
using Rcomm.Site;
using Rcomm.Site.FastPath;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>
/// What the site has ready, told to the fast path, and what the fast path answered, told to the metrics and the access log. A server that drains answers
/// nothing here: Kestrel's path tells clients so.
/// </summary>
/// <param name="isHttps">True for the endpoints with TLS.</param>
internal sealed class FastPathAnswers(
    HostedSites sites, ConnectionDrain drain, AccessLog? log, RequestMetrics metrics, PlainRequestLimits limits, bool isHttps) : IReadyAnswers
{
    private const int KeptTexts = 512;

    // Clients of one kind all send the same.
    [ThreadStatic]
    private static string[]? t_texts;

    public PlainRequestLimits Limits => limits;

    public static FastPathAnswers Of(IServiceProvider services, ServeSettings settings, bool isHttps) => new(
        services.GetRequiredService<HostedSites>(), services.GetRequiredService<ConnectionDrain>(), services.GetRequiredService<LogOutputs>().AccessLog,
        services.GetRequiredService<RequestMetrics>(), FastPathPolicy.LimitsOf(settings.Http.Limits), isHttps);

    public ReadyAnswer? Find(in PlainRequest request, long moment) => drain.HasBegun ? null : sites.Ready.Find(request, isHttps, moment);

    public void Answered(in PlainRequest request, ReadyAnswer answer, IPAddress? client, long number, long started)
    {
        var published = (PublishedAnswer)answer;
        TimeSpan duration = Stopwatch.GetElapsedTime(started);
        metrics.Record(published.Key.Method, published.Status, RequestMetrics.FileRoute, duration);
        if (log is null) return;
        bool namesAgent = log.Format is AccessLogFormat.Combined or AccessLogFormat.Json;
        log.Write(new()
        {
            Ended = DateTime.UtcNow,
            Duration = duration,
            Client = AccessEntry.AddressOf(client),
            Method = published.Key.Method,
            Target = published.Key.Target,
            Protocol = "HTTP/1.1",
            Scheme = isHttps ? "https" : "http",
            Host = published.Key.Host,
            Status = published.Status,
            Bytes = published.BodyLength,
            Referer = namesAgent ? TextOf(request.Referer) : null,
            UserAgent = namesAgent ? TextOf(request.UserAgent) : null,
            RequestId = log.Format == AccessLogFormat.Json ? IdOf(number) : null,
        });
    }

    private string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId:X}-{(isHttps ? 'S' : 'F')}{number:X}");

    private static string? TextOf(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return null;
        string[] texts = t_texts ??= new string[KeptTexts];
        ref string text = ref texts[RequestKey.HashOf(value) % KeptTexts];
        if (text is null || !Ascii.Equals(value, text)) text = Encoding.ASCII.GetString(value);
        return text;
    }
}
