using Microsoft.AspNetCore.Http;

namespace Rcomm.Requests;

/// <summary>Server-sent events (HTML Living Standard, section 9.2), one each second until the client leaves.</summary>
internal static class EventStream
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <param name="next">Returns the data of the next event, without a line break.</param>
    public static async Task SendAsync(HttpContext context, Func<string> next)
    {
        context.Response.ContentType = "text/event-stream";
        using var timer = new PeriodicTimer(Interval);
        do
        {
            await context.Response.WriteAsync($"data: {next()}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
        while (await timer.WaitForNextTickAsync(context.RequestAborted));
    }
}
