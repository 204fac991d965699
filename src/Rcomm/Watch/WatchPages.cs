using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Watch;

/// <summary>Serves a watch's admin address, except <c>/metrics</c>, which the exporter serves before.</summary>
/// <param name="patience">The longest time between two readings of a working watch.</param>
internal sealed class WatchPages(HostWatch watch, TimeSpan patience)
{
    private static readonly byte[] Page = ReadPage();
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return SendAsync(context, StatusCodes.Status405MethodNotAllowed, "text/plain", "405 Method Not Allowed\n"u8.ToArray());
        }
        context.Response.Headers.CacheControl = "no-store";
        return context.Request.Path.Value switch
        {
            "/" => SendPageAsync(context),
            "/healthz" => SendHealthAsync(context),
            "/queues.json" => SendAsync(context, StatusCodes.Status200OK, "application/json",
                JsonSerializer.SerializeToUtf8Bytes(WatchDocument.Of(watch), WatchJson.Default.WatchDocument)),
            "/live" => StreamAsync(context),
            _ => SendAsync(context, StatusCodes.Status404NotFound, "text/plain",
                "404 Not Found. There is /, /healthz, /metrics and /queues.json.\n"u8.ToArray()),
        };
    }

    private Task SendHealthAsync(HttpContext context) => watch.SinceLastLook <= patience
        ? SendAsync(context, StatusCodes.Status200OK, "text/plain", "ok\n"u8.ToArray())
        : SendAsync(context, StatusCodes.Status503ServiceUnavailable, "text/plain",
            Encoding.UTF8.GetBytes($"the queues were last looked at {watch.SinceLastLook.TotalSeconds:0} s ago\n"));

    private static Task SendPageAsync(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; " +
            "connect-src 'self'; img-src data:";
        return SendAsync(context, StatusCodes.Status200OK, "text/html", Page);
    }

    private static Task SendAsync(HttpContext context, int status, string type, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type + "; charset=utf-8";
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>Server-sent events (HTML Living Standard, section 9.2): every queue, each second.</summary>
    private async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        using var timer = new PeriodicTimer(Second);
        do
        {
            await context.Response.WriteAsync($"data: {JsonSerializer.Serialize(WatchDocument.Of(watch), WatchJson.Default.WatchDocument)}\n\n",
                context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
        while (await timer.WaitForNextTickAsync(context.RequestAborted));
    }

    private static byte[] ReadPage()
    {
        using Stream page = typeof(WatchPages).Assembly.GetManifestResourceStream("watch.html")!;
        using var bytes = new MemoryStream();
        page.CopyTo(bytes);
        return bytes.ToArray();
    }
}
