using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Proxy;

/// <summary>
/// Lets so many requests at once through to an upstream; the others wait their turn, oldest first. A burst then comes to a service as a steady stream, on
/// connections that are few and stay open.
/// </summary>
internal sealed class UpstreamQueue(UpstreamLimits limits) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new()
    {
        PermitLimit = limits.Requests,
        QueueLimit = limits.Queue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Requests that wait now.</summary>
    public long Waiting => _limiter.GetStatistics()?.CurrentQueuedCount ?? 0;

    /// <summary>Goes on when it is the request's turn; false, and nothing sent, where that never came.</summary>
    public async Task<bool> InvokeAsync(HttpContext context, RequestDelegate next)
    {
        using RateLimitLease turn = await AcquireAsync(context);
        if (!turn.IsAcquired) return false;
        // A WebSocket waits for its turn like any request, but stays open for as long as it is used: once the upstream has agreed, the turn is another's.
        bool mayUpgrade = context.Request.Headers.Upgrade.Count > 0 || HttpMethods.IsConnect(context.Request.Method);
        if (mayUpgrade) context.Response.OnStarting(() => EndTurn(context.Response, turn));
        await next(context);
        return true;
    }

    private static Task EndTurn(HttpResponse response, RateLimitLease turn)
    {
        // HTTP/2 has no 101: a CONNECT that succeeds is one.
        if (response.StatusCode == StatusCodes.Status101SwitchingProtocols || (HttpMethods.IsConnect(response.HttpContext.Request.Method) && response.StatusCode == StatusCodes.Status200OK)) turn.Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _limiter.Dispose();

    private async ValueTask<RateLimitLease> AcquireAsync(HttpContext context)
    {
        RateLimitLease atOnce = _limiter.AttemptAcquire();
        if (atOnce.IsAcquired) return atOnce;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(limits.Wait);
        try
        {
            return await _limiter.AcquireAsync(1, limit.Token);
        }
        catch (OperationCanceledException)
        {
            return atOnce;
        }
    }
}
