using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rcomm.Requests;

namespace Rcomm.Watch;

/// <summary>Serves a watch's admin address, except <c>/metrics</c>, which the exporter serves before.</summary>
/// <param name="pollTimeout">The longest time between two readings of a working watch.</param>
internal sealed class WatchPages(HostWatch watch, TimeSpan pollTimeout)
{
    private static readonly EmbeddedPage Page = new("watch.html");

    public Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return TextAnswer.SendAsync(context, StatusCodes.Status405MethodNotAllowed, "405 Method Not Allowed\n");
        }
        context.Response.Headers.CacheControl = "no-store";
        return context.Request.Path.Value switch
        {
            "/" => Page.SendAsync(context),
            "/healthz" => SendHealthAsync(context),
            "/queues.json" => TextAnswer.SendAsync(context, StatusCodes.Status200OK, Json(), "application/json; charset=utf-8"),
            "/live" => EventStream.SendAsync(context, Json),
            _ => TextAnswer.SendAsync(context, StatusCodes.Status404NotFound, "404 Not Found. Available: /, /healthz, /metrics and /queues.json.\n"),
        };
    }

    private Task SendHealthAsync(HttpContext context) => watch.SinceLastPoll <= pollTimeout
        ? TextAnswer.SendAsync(context, StatusCodes.Status200OK, "ok\n")
        : TextAnswer.SendAsync(context, StatusCodes.Status503ServiceUnavailable,
            $"the queues were last read {watch.SinceLastPoll.TotalSeconds:0} s ago\n");

    private string Json() => JsonSerializer.Serialize(WatchDocument.Of(watch), WatchJson.Default.WatchDocument);
}
