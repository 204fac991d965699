using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Rcomm.Http.AccessLogging;
using Rcomm.Requests;

namespace Rcomm.Http;

/// <summary>Records each request of the pipeline in the metrics and the access log, once it is answered.</summary>
/// <param name="log">Null if the access log is off.</param>
internal sealed class RequestRecorder(RequestMetrics metrics, AccessLog? log)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        metrics.Begin();
        long start = Stopwatch.GetTimestamp();
        int? failed = null;
        try
        {
            await next(context);
        }
        catch (Exception e)
        {
            failed = e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
            if (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
            {
                // The status that Kestrel is about to send.
                context.Response.StatusCode = failed.Value;
                context.Features.Set(LoggedRequest.Instance);
            }
            throw;
        }
        finally
        {
            TimeSpan duration = Stopwatch.GetElapsedTime(start);
            log?.Write(AccessEntry.Of(context, duration, log.Format));
            metrics.End(context, failed ?? context.Response.StatusCode, duration);
        }
    }
}

/// <summary>Marks a request that Kestrel refuses although it already has its line.</summary>
internal sealed class LoggedRequest
{
    public static readonly LoggedRequest Instance = new();
}
