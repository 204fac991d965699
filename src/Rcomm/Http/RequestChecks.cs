using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Requests;

namespace Rcomm.Http;

/// <summary>
/// Refuses malformed requests before anything else reads them. HTTP/1 was already checked line by line; HTTP/2 and 3 arrive as fields and are checked
/// here.
/// </summary>
internal static class RequestChecks
{
    // RFC 9113, section 7; RFC 9114, section 8.1.
    private const int Http2ProtocolError = 0x1;
    private const int Http3MessageError = 0x10e;

    private static readonly SearchValues<char> NotInTarget = SearchValues.Create([.. Enumerable.Range(0, ' ' + 1).Select(c => (char)c), '\x7f']);
    private static readonly SearchValues<char> NotInValue =
        SearchValues.Create([.. Enumerable.Range(0, ' ').Where(c => c != '\t').Select(c => (char)c), '\x7f']);
    // RFC 9113, section 8.2.2. Kestrel refuses Connection itself.
    private static readonly string[] ConnectionSpecific = ["Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"];

    public static Task InvokeAsync(HttpContext context, RequestDelegate next, RefusedClients? refused)
    {
        IHttpRequestFeature request = context.Feature<IHttpRequestFeature>()!;
        bool isHttp1 = request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal);
        if (!isHttp1 && IsMalformed(request.Headers)) return ResetAsync(context, refused);

        bool isRight = !request.RawTarget.AsSpan().ContainsAny(NotInTarget)
            && (request.RawTarget != "*" || request.Method == "OPTIONS")
            && HostName.IsReadable(request.Headers.Host.ToString());
        if (!isRight) return RefuseAsync(context, refused, StatusCodes.Status400BadRequest);
        // No other expectation is defined (RFC 9110, section 10.1.1).
        bool canBeMet = request.Headers.Expect.Count == 0 || "100-continue".Equals(request.Headers.Expect.ToString(), StringComparison.OrdinalIgnoreCase);
        return canBeMet ? next(context) : RefuseAsync(context, refused, StatusCodes.Status417ExpectationFailed);
    }

    private static bool IsMalformed(IHeaderDictionary headers)
    {
        foreach (string name in ConnectionSpecific)
            if (headers.ContainsKey(name)) return true;
        foreach (var field in headers)
            foreach (string? value in field.Value)
                if (value is [' ' or '\t', ..] or [.., ' ' or '\t'] || value.AsSpan().ContainsAny(NotInValue)) return true;
        return false;
    }

    // A malformed request is a stream error (RFC 9113, section 8.1.1).
    private static Task ResetAsync(HttpContext context, RefusedClients? refused)
    {
        refused?.Add(RefusedClients.BadRequest);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Features.Get<IHttpResetFeature>()?.Reset(HttpProtocol.IsHttp3(context.Request.Protocol) ? Http3MessageError : Http2ProtocolError);
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(HttpContext context, RefusedClients? refused, int status)
    {
        refused?.Add(RefusedClients.BadRequest);
        context.Response.StatusCode = status;
        context.Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }
}
