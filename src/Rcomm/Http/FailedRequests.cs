using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rcomm.Requests;
using Rcomm.Shared.Logging;

namespace Rcomm.Http;

/// <summary>
/// Answers a request that failed on the server's side with 500, and logs the reason in one line. The log is rate-limited, so that clients can't fill it.
/// The stack trace is logged with <c>--log-level debug</c>.
/// </summary>
/// <param name="sendError">Sends the site's own page for a status.</param>
internal sealed partial class FailedRequests(ILogger logger, Func<HttpContext, int, Task> sendError)
{
    private readonly LogThrottle _throttle = new(TimeSpan.FromSeconds(1));

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone, so no answer is needed.
        }
        catch (Exception e) when (e is not BadHttpRequestException)
        {
            Log(context, e);
            if (context.Response.HasStarted) context.Abort();
            else await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Clear();
        try
        {
            await sendError(context, StatusCodes.Status500InternalServerError);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            // The error page is on the same disk that has just failed.
            Log(context, e);
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private void Log(HttpContext context, Exception error)
    {
        Trace(logger, error);
        if (!_throttle.TryTake(out long count)) return;
        Failed(logger, context.Request.Method, Printable.Of(context.Request.Path), Printable.Of(error.Message),
            count == 1 ? "" : $" ({count - 1} more since the last such line)");
    }

    [LoggerMessage(40, LogLevel.Error, "{Method} {Path} failed: {Why}{More}")]
    private static partial void Failed(ILogger logger, string method, string path, string why, string more);

    [LoggerMessage(41, LogLevel.Debug, "A request failed")]
    private static partial void Trace(ILogger logger, Exception error);
}
