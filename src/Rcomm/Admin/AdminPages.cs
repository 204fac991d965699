using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rcomm.Requests;
using Rcomm.Status;

namespace Rcomm.Admin;

/// <summary>Serves the admin pages, except <c>/metrics</c>, which the exporter serves before.</summary>
internal sealed class AdminPages(ServerStatus status)
{
    private static readonly byte[] Page = ReadPage();
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Request.Path.Value switch
        {
            "/" => SendPageAsync(context),
            "/healthz" => TextAnswer.SendAsync(context, StatusCodes.Status200OK, "ok\n"),
            "/readyz" => SendReadinessAsync(context),
            "/status.json" => SendStatusAsync(context),
            "/live" => StreamAsync(context),
            _ => TextAnswer.SendAsync(context, StatusCodes.Status404NotFound, "404 Not Found. There is /, /healthz, /readyz, /metrics and /status.json.\n"),
        };
    }

    private Task SendReadinessAsync(HttpContext context) => status.NotReady is [_, ..] reasons
        ? TextAnswer.SendAsync(context, StatusCodes.Status503ServiceUnavailable, string.Join('\n', reasons) + "\n")
        : TextAnswer.SendAsync(context, StatusCodes.Status200OK, "ready\n");

    private Task SendStatusAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(status.Read(), StatusJson.Default.StatusDocument, cancellationToken: context.RequestAborted);

    private static Task SendPageAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = Page.Length;
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; " +
            "connect-src 'self'; img-src data:";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(Page).AsTask();
    }

    /// <summary>Server-sent events (HTML Living Standard, section 9.2): first the last minutes, then each second as it ends.</summary>
    private async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        int wanted = int.MaxValue;
        using var timer = new PeriodicTimer(Second);
        do
        {
            var live = new LiveDocument(status.Read(), [.. status.Queues.Select(queue =>
                new LiveQueue(queue.Name, [.. queue.LastSeconds().TakeLast(wanted)]))]);
            // Repeat some seconds each time, so that a late tick on either side leaves no gap.
            wanted = 5;
            await context.Response.WriteAsync($"data: {JsonSerializer.Serialize(live, StatusJson.Default.LiveDocument)}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
        while (await timer.WaitForNextTickAsync(context.RequestAborted));
    }

    private static byte[] ReadPage()
    {
        using Stream page = typeof(AdminPages).Assembly.GetManifestResourceStream("admin.html")!;
        using var bytes = new MemoryStream();
        page.CopyTo(bytes);
        return bytes.ToArray();
    }
}
