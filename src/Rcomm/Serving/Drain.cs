using Microsoft.AspNetCore.Http;

namespace Rcomm.Serving;

/// <summary>While the server drains, each answer tells its client not to send another request on the connection.</summary>
internal sealed class Drain
{
    private volatile bool _begun;

    public bool HasBegun => _begun;

    public void Begin() => _begun = true;

    /// <summary>Marks the answer (HTTP/1.1; HTTP/2 clients get a GOAWAY from Kestrel) and goes on.</summary>
    public Task MarkAsync(HttpContext context, RequestDelegate next)
    {
        if (_begun && !HttpProtocol.IsHttp2(context.Request.Protocol)) context.Response.Headers.Connection = "close";
        return next(context);
    }
}
