using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rcomm.Requests;
using Rcomm.Status;

namespace Rcomm.Admin;

/// <summary>Serves the admin pages, except <c>/metrics</c>, which the exporter serves before.</summary>
internal sealed class AdminPages(ServerStatus status)
{
    private static readonly EmbeddedPage Page = new("admin.html");

    public Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Request.Path.Value switch
        {
            "/" => Page.SendAsync(context),
            "/healthz" => TextAnswer.SendAsync(context, StatusCodes.Status200OK, "ok\n"),
            "/readyz" => SendReadinessAsync(context),
            "/status.json" => SendStatusAsync(context),
            "/live" => StreamAsync(context),
            _ => TextAnswer.SendAsync(context, StatusCodes.Status404NotFound, "404 Not Found. Available: /, /healthz, /readyz, /metrics and /status.json.\n"),
        };
    }

    private Task SendReadinessAsync(HttpContext context) => status.NotReady is [_, ..] reasons
        ? TextAnswer.SendAsync(context, StatusCodes.Status503ServiceUnavailable, string.Join('\n', reasons) + "\n")
        : TextAnswer.SendAsync(context, StatusCodes.Status200OK, "ready\n");

    private Task SendStatusAsync(HttpContext context) =>
        context.Response.WriteAsJsonAsync(status.Read(), StatusJson.Default.StatusDocument, cancellationToken: context.RequestAborted);

    // The last minutes once, then each second as it ends.
    private Task StreamAsync(HttpContext context)
    {
        int wanted = int.MaxValue;
        return EventStream.SendAsync(context, () =>
        {
            var live = new LiveDocument(status.Read(), [.. status.Queues.Select(queue =>
                new LiveQueue(queue.Name, [.. queue.LastSeconds().TakeLast(wanted)]))]);
            // Each event repeats some seconds, so that a late tick on either side leaves no gap.
            wanted = 5;
            return JsonSerializer.Serialize(live, StatusJson.Default.LiveDocument);
        });
    }
}
