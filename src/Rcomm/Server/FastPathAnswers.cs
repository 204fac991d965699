using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Rcomm.Http;
using Rcomm.Http.AccessLogging;
using Rcomm.Site;
using Rcomm.Site.FastPath;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>What the site has ready, told to the fast path, and what the fast path answered, told to the metrics and the access log. A server that drains answers nothing here: Kestrel's path tells clients so.</summary>
internal sealed class FastPathAnswers(HostedSites sites, ConnectionDrain drain, AccessLog? log, RequestMetrics metrics, PlainRequestLimits limits) : IReadyAnswers
{
    private const int KeptTexts = 512;

    // Clients of one kind all send the same.
    [ThreadStatic]
    private static string[]? t_texts;

    public PlainRequestLimits Limits => limits;

    public ReadyAnswer? Find(in PlainRequest request, long moment) => drain.HasBegun ? null : sites.Ready.Find(request, moment);

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
            Scheme = "http",
            Host = published.Key.Host,
            Status = published.Status,
            Bytes = published.BodyLength,
            Referer = namesAgent ? TextOf(request.Referer) : null,
            UserAgent = namesAgent ? TextOf(request.UserAgent) : null,
            RequestId = log.Format == AccessLogFormat.Json ? string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId:X}-F{number:X}") : null,
        });
    }

    private static string? TextOf(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return null;
        string[] texts = t_texts ??= new string[KeptTexts];
        ref string text = ref texts[RequestKey.HashOf(value) % KeptTexts];
        if (text is null || !Ascii.Equals(value, text)) text = Encoding.ASCII.GetString(value);
        return text;
    }
}
