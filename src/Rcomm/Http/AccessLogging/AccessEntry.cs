using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Rcomm.Requests;
using Rcomm.Shared.Linux;

namespace Rcomm.Http.AccessLogging;

/// <summary>An answered request, with the values for its log line.</summary>
internal readonly record struct AccessEntry
{
    public required DateTime Ended { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Null for a client on a Unix socket.</summary>
    public required IPAddress? Client { get; init; }

    public string? User { get; init; }

    public required string Method { get; init; }

    public required string Target { get; init; }

    public required string Protocol { get; init; }

    public required string Scheme { get; init; }

    public required string? Host { get; init; }

    public required int Status { get; init; }

    /// <summary>The number of body bytes sent, which is less than the Content-Length if the client disconnected.</summary>
    public required long Bytes { get; init; }

    public string? Referer { get; init; }

    public string? UserAgent { get; init; }

    /// <summary>Null if the format doesn't include it, since creating one costs time.</summary>
    public string? RequestId { get; init; }

    /// <summary>Creates the entry of a request answered on Kestrel's path.</summary>
    public static AccessEntry Of(HttpContext context, TimeSpan duration, AccessLogFormat format)
    {
        HttpRequest request = context.Request;
        bool namesAgent = format is AccessLogFormat.Combined or AccessLogFormat.Json;
        return new()
        {
            Ended = DateTime.UtcNow,
            Duration = duration,
            Client = AddressOf(context.Connection.RemoteIpAddress),
            User = format == AccessLogFormat.Line ? null : context.Feature<IHttpAuthenticationFeature>()?.User?.Identity?.Name,
            Method = request.Method,
            Target = context.Feature<IHttpRequestFeature>()!.RawTarget,
            Protocol = request.Protocol,
            Scheme = request.Scheme,
            Host = request.Headers.Host,
            Status = context.Response.StatusCode,
            Bytes = HttpMethods.IsHead(request.Method) ? 0 : context.Feature<SentBody>()?.Bytes ?? context.Response.ContentLength ?? 0,
            Referer = namesAgent ? request.Headers.Referer : default,
            UserAgent = namesAgent ? request.Headers.UserAgent : default,
            RequestId = format == AccessLogFormat.Json ? context.TraceIdentifier : null,
        };
    }

    /// <summary>Creates the entry of a request that Kestrel refused before the pipeline saw it, with what was read of it.</summary>
    public static AccessEntry OfRefused(IFeatureCollection features, int status)
    {
        IHttpRequestFeature? request = features.Get<IHttpRequestFeature>();
        return new()
        {
            Ended = DateTime.UtcNow,
            Duration = TimeSpan.Zero,
            Client = AddressOf(features.Get<IHttpConnectionFeature>()?.RemoteIpAddress),
            Method = OrDash(request?.Method),
            Target = OrDash(request?.RawTarget),
            Protocol = OrDash(request?.Protocol),
            Scheme = request?.Scheme ?? "http",
            Host = request?.Headers.Host,
            Status = status,
            Bytes = 0,
            RequestId = features.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier,
        };
    }

    /// <summary>Creates the entry of an incomplete plain HTTP/1 request head, with what was received of it.</summary>
    public static AccessEntry OfPart(IPAddress? client, ReadOnlySpan<byte> received, int status)
    {
        int end = received.IndexOf("\r\n"u8);
        // Nothing has validated it yet.
        bool isLine = end >= 0 && !received[..end].ContainsAnyExceptInRange((byte)' ', (byte)'~') && !received[..end].Contains((byte)'"');
        string[] words = isLine ? Encoding.ASCII.GetString(received[..end]).Split(' ') : [];
        if (words is not [_, _, _]) words = [];
        return new()
        {
            Ended = DateTime.UtcNow,
            Duration = TimeSpan.Zero,
            Client = AddressOf(client),
            Method = OrDash(words.ElementAtOrDefault(0)),
            Target = OrDash(words.ElementAtOrDefault(1)),
            Protocol = OrDash(words.ElementAtOrDefault(2)),
            Scheme = "http",
            Host = null,
            Status = status,
            Bytes = 0,
        };
    }

    private static string OrDash(string? text) => string.IsNullOrEmpty(text) ? "-" : text;

    /// <summary>Returns the client's address in the form that is logged.</summary>
    public static IPAddress? AddressOf(IPAddress? address) => address is null ? null : MappedAddress.Unmap(address);
}
