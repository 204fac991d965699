using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Rcomm.Http.AccessLogging;
using Rcomm.Requests;
using Rcomm.Site.FastPath;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>Records the fast path's answers in the metrics and the access log.</summary>
/// <param name="isHttps">True for TLS endpoints.</param>
internal sealed class FastPathRecorder(AccessLog? log, RequestMetrics metrics, bool isHttps)
{
    private const int KeptTexts = 512;

    // Clients of one kind all send the same texts.
    [ThreadStatic]
    private static string[]? t_texts;

    public void Answered(in PlainRequest request, PublishedAnswer answer, IPAddress? client, long number, long started)
    {
        TimeSpan duration = Stopwatch.GetElapsedTime(started);
        metrics.Record(answer.Key.Method, answer.Status, RequestMetrics.FileRoute, duration);
        if (log is null) return;
        bool namesAgent = log.Format is AccessLogFormat.Combined or AccessLogFormat.Json;
        log.Write(new()
        {
            Ended = DateTime.UtcNow,
            Duration = duration,
            Client = AccessEntry.AddressOf(client),
            Method = answer.Key.Method,
            Target = answer.Key.Target,
            Protocol = "HTTP/1.1",
            Scheme = isHttps ? "https" : "http",
            Host = answer.Key.Host,
            Status = answer.Status,
            Bytes = answer.BodyLength,
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
