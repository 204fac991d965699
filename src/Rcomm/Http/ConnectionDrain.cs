using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Http;

/// <summary>During a drain, tells clients with each response not to send another request on the connection.</summary>
internal sealed class ConnectionDrain
{
    private volatile bool _begun;

    public bool HasBegun => _begun;

    public void Begin() => _begun = true;

    /// <summary>Marks the response (HTTP/1.1) or sends a GOAWAY (HTTP/2 and 3), then continues.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!_begun) return next(context);

        if (HttpProtocol.IsHttp2(context.Request.Protocol) || HttpProtocol.IsHttp3(context.Request.Protocol))
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        else
            context.Response.Headers.Connection = "close";
        return next(context);
    }
}
