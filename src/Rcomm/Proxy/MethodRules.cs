using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Rcomm.Proxy.Http1;

namespace Rcomm.Proxy;

/// <summary>Answers methods that a proxy handles itself (RFC 9110, sections 7.6.2, 9.3.6 and 9.3.8).</summary>
internal static class MethodRules
{
    private const string Methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    /// <summary>Answers a request that isn't forwarded. Returns false if it must be forwarded.</summary>
    public static async ValueTask<bool> TryAnswerAsync(
        HttpContext context, OutgoingRequest request, ForwardingOptions options, Func<HttpContext, int, Task> sendError)
    {
        string allowed = options.Trace ? Methods + ", TRACE" : Methods;
        if (HttpMethods.IsConnect(request.Method) || (request.Method == "TRACE" && !options.Trace))
        {
            context.Response.Headers.Allow = allowed;
            await sendError(context, StatusCodes.Status405MethodNotAllowed);
            return true;
        }
        if (request.Method == "TRACE" && request.HasBody)
        {
            await sendError(context, StatusCodes.Status400BadRequest);
            return true;
        }
        if (request.Method is not ("TRACE" or "OPTIONS") || context.Request.Headers["Max-Forwards"] is not { Count: > 0 } field) return false;
        if (!int.TryParse(field.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int hops)) return false;
        if (hops > 0)
        {
            request.SetMaxForwards(hops - 1);
            return false;
        }
        if (request.Method == "TRACE") await EchoAsync(context);
        else context.Response.Headers.Allow = allowed;
        return true;
    }

    private static Task EchoAsync(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var message = new StringBuilder().Append(CultureInfo.InvariantCulture, $"TRACE {target} {context.Request.Protocol}\r\n");
        foreach ((string name, StringValues values) in context.Request.Headers)
            // Scripts that read the response must not see secrets.
            if (!FieldRules.Is(name, "Cookie") && !name.EndsWith("Authorization", StringComparison.OrdinalIgnoreCase))
                message.Append(CultureInfo.InvariantCulture, $"{name}: {values}\r\n");
        context.Response.ContentType = "message/http";
        return context.Response.WriteAsync(message.Append("\r\n").ToString(), Encoding.Latin1, context.RequestAborted);
    }
}
