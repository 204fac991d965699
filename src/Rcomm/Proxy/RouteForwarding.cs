using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Rcomm.Proxy.Bodies;
using Rcomm.Proxy.Http1;
using Rcomm.Proxy.Http2;
using Rcomm.Requests;
using Rcomm.Transport.Connections;

namespace Rcomm.Proxy;

/// <summary>
/// Forwards the requests of one route. Each waits in the queue and goes to an upstream; after a failure it goes to another one if that is allowed.
/// </summary>
internal sealed class RouteForwarding(ProxyRoute route, Balancer balancer, UpstreamQueue queue, UpstreamLog queueLog, SharedByRoutes shared)
{
    private const int MaxAttempts = 3;
    // After all have been tried: one of them may be restarting.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Shared by all requests, so that none allocates it.
    private readonly MeasuredRoute _measured = new(route.Path);

    public ProxyRoute Route => route;

    public UpstreamLimits Limits => route.Limits;

    public SharedByRoutes Shared => shared;

    public Balancer Balancer => balancer;

    public UpstreamQueue Queue => queue;

    public async Task ForwardAsync(HttpContext context, Func<HttpContext, int, Task> sendError)
    {
        context.Features.Set(_measured);
        if (OutgoingRequest.Of(context, shared.Options) is not { } request)
        {
            await sendError(context, StatusCodes.Status400BadRequest);
            return;
        }
        if (request.Method is "CONNECT" or "TRACE" or "OPTIONS" && await MethodRules.TryAnswerAsync(context, request, shared.Options, sendError)) return;
        try
        {
            if (!request.HasBody)
            {
                await ForwardInTurnAsync(new(context, request, null), sendError);
                return;
            }
            bool isStream = route.Limits.Http == HttpVersion.Version20 && request.IsGrpc;
            if (isStream && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
            using RequestBody body = await RequestBody.ReceiveAsync(context, shared, isBuffered: shared.Options.Buffering.IsOn && !isStream);
            await ForwardInTurnAsync(new(context, request, body), sendError);
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, e.StatusCode, sendError);
        }
        catch (UpstreamException e) when (e.Failure == UpstreamFailure.NotKept)
        {
            await TurnAwayAsync(context, e.Message, sendError);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client is gone, so no answer is needed.
            context.Abort();
        }
    }

    private async Task ForwardInTurnAsync(ForwardedRequest request, Func<HttpContext, int, Task> sendError)
    {
        HttpContext context = request.Context;
        Task? rest;
        using (RateLimitLease turn = await queue.WaitAsync(context))
        {
            if (!turn.IsAcquired)
            {
                if (context.RequestAborted.IsCancellationRequested) return;
                string reason = $"no turn within {route.Limits.Wait.TotalSeconds:0.###} s, or {route.Limits.Queue} requests were already waiting";
                await TurnAwayAsync(context, reason, sendError);
                return;
            }
            // A client that closes its side while it waits is probably gone. Once an upstream works on its request, it gets the answer.
            if (context.Features.Get<IHalfClosedFeature>() is { } halfClosed) halfClosed.IsKept = true;
            rest = await AttemptAsync(request, turn, sendError);
        }
        if (rest is not null) await FinishAsync(context, rest);
    }

    private Task TurnAwayAsync(HttpContext context, string reason, Func<HttpContext, int, Task> sendError)
    {
        queueLog.Failed(reason, StatusCodes.Status503ServiceUnavailable);
        shared.Metrics.Failed(route.Path, null, StatusCodes.Status503ServiceUnavailable);
        context.Response.Headers.RetryAfter = "1";
        return sendError(context, StatusCodes.Status503ServiceUnavailable);
    }

    private async ValueTask<Task?> AttemptAsync(ForwardedRequest request, RateLimitLease turn, Func<HttpContext, int, Task> sendError)
    {
        HttpContext context = request.Context;
        List<Upstream>? tried = null;
        for (int attempt = 1; ; attempt++)
        {
            Upstream? upstream = balancer.Choose(tried);
            if (upstream is null)
            {
                tried = null;
                await Task.Delay(Pause, context.RequestAborted);
                upstream = balancer.Choose(null)!;
            }
            upstream.Begin();
            long began = System.Diagnostics.Stopwatch.GetTimestamp();
            Attempt outcome;
            try
            {
                // A WebSocket uses HTTP/1.1.
                outcome = await (upstream.Http2 is { } http2 && request.Outgoing.Upgrade is null
                    ? Http2Forwarding.TryAsync(request, http2, this, turn)
                    : Http1Forwarding.TryAsync(request, upstream, this, turn));
            }
            finally
            {
                upstream.End();
            }
            shared.Metrics.Ended(upstream, began);
            if (outcome.Failure is not { } failure)
            {
                upstream.Succeeded();
                return outcome.Rest;
            }
            if (failure.Failure == UpstreamFailure.Client)
            {
                await ClientFailedAsync(context, failure, outcome.CanBeUndone, sendError);
                return null;
            }
            bool again = attempt < MaxAttempts && outcome.CanBeUndone && CanRetry(failure, request)
                && !context.RequestAborted.IsCancellationRequested;
            if (failure.Failure == UpstreamFailure.NotForwardable)
            {
                await sendError(context, StatusCodes.Status501NotImplemented);
                return null;
            }
            int status = failure.Failure == UpstreamFailure.TimedOut ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway;
            upstream.Failed(failure, again ? 0 : status);
            if (again)
            {
                (tried ??= []).Add(upstream);
                continue;
            }
            shared.Metrics.Failed(route.Path, upstream, status);
            if (outcome.CanBeUndone) await sendError(context, status);
            else BreakOff(context, failure);
            return null;
        }
    }

    private static bool CanRetry(UpstreamException failure, ForwardedRequest request) => failure.Failure switch
    {
        UpstreamFailure.NotConnected => request.Body is not { IsUsed: true },
        UpstreamFailure.NoAnswer => request.Outgoing.IsIdempotent && request.Body is null,
        _ => false,
    };

    private static async Task ClientFailedAsync(HttpContext context, UpstreamException failure, bool canBeUndone, Func<HttpContext, int, Task> sendError)
    {
        if (canBeUndone && failure.InnerException is BadHttpRequestException bad) await RefuseAsync(context, bad.StatusCode, sendError);
        else context.Abort();
    }

    // A client must see that a partial response isn't complete; over HTTP/2 it gets the upstream's error code.
    private static void BreakOff(HttpContext context, UpstreamException failure)
    {
        if (failure.InnerException is HttpProtocolException { ErrorCode: var code } && context.Features.Get<IHttpResetFeature>() is { } reset)
            reset.Reset((int)code);
        else context.Abort();
    }

    private static async Task RefuseAsync(HttpContext context, int status, Func<HttpContext, int, Task> sendError)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.Headers.Connection = "close";
        await sendError(context, status);
    }

    private static async Task FinishAsync(HttpContext context, Task rest)
    {
        try
        {
            await rest;
        }
        catch (UpstreamException)
        {
            context.Abort();
        }
    }
}
