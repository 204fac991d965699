using Microsoft.AspNetCore.Http;

namespace Rcomm.Http;

/// <summary>Sends each client the id that its request has in the log.</summary>
internal static class RequestId
{
    private const string Header = "X-Request-Id";

    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers[Header] = context.TraceIdentifier;
        return next(context);
    }
}
