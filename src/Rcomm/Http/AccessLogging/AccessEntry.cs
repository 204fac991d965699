using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Rcomm.Http.AccessLogging;

/// <summary>A request that has been answered, as its line tells of it.</summary>
internal readonly struct AccessEntry(HttpContext context, DateTime ended, TimeSpan duration)
{
    public DateTime Ended => ended;

    public TimeSpan Duration => duration;

    /// <summary>Null for a client on a Unix socket.</summary>
    public IPAddress? Client => context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress;

    public string? User => context.Features.Get<IHttpAuthenticationFeature>()?.User?.Identity?.Name;

    public string Method => context.Request.Method;

    public string Target => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    public string Protocol => context.Request.Protocol;

    public string Scheme => context.Request.Scheme;

    public string? Host => context.Request.Headers.Host;

    public int Status => context.Response.StatusCode;

    /// <summary>Bytes of the body that the answer promised; 0 where it has none, or where its length was not known before.</summary>
    public long Bytes => HttpMethods.IsHead(context.Request.Method) ? 0 : context.Response.ContentLength ?? 0;

    public string? Referer => context.Request.Headers.Referer;

    public string? UserAgent => context.Request.Headers.UserAgent;

    public string RequestId => context.TraceIdentifier;
}
