using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Rcomm.Proxy;

/// <summary>
/// Asks again where an upstream could not be reached, but only what may be asked twice: a method that changes nothing or changes the same again (RFC 9110,
/// section 9.2.2), without a body, and before any of an answer was sent.
/// </summary>
internal static class Retry
{
    private const int MaxAttempts = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        IReverseProxyFeature proxy = context.GetReverseProxyFeature();
        IReadOnlyList<DestinationState> all = proxy.AvailableDestinations;
        List<DestinationState> tried = [];
        for (int attempt = 1; ; attempt++)
        {
            await next(context);
            if (attempt == MaxAttempts || !MayBeAskedAgain(context) || context.GetForwarderErrorFeature() is not { Error: ForwarderError.Request or ForwarderError.NoAvailableDestinations }) return;

            if (proxy.ProxiedDestination is { } failed) tried.Add(failed);
            List<DestinationState> left = [.. all.Except(tried)];
            if (left.Count == 0)
            {
                // All have been tried: one of them may be restarting.
                await Task.Delay(Pause, context.RequestAborted);
                left = [.. all];
            }
            proxy.AvailableDestinations = left;
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.StatusCode = StatusCodes.Status200OK;
        }
    }

    private static bool MayBeAskedAgain(HttpContext context)
    {
        string method = context.Request.Method;
        bool isIdempotent = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method);
        return isIdempotent && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
            && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true };
    }
}
