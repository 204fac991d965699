using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Http;

/// <summary>While the server drains, each answer tells its client not to send another request on the connection.</summary>
internal sealed class ConnectionDrain
{
    private volatile bool _begun;

    public bool HasBegun => _begun;

    public void Begin() => _begun = true;

    /// <summary>Marks the answer (HTTP/1.1), or has a GOAWAY sent (HTTP/2 and 3), and goes on.</summary>
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
