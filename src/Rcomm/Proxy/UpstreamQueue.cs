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
    public async Task<bool> TryFollowAsync(HttpContext context, RequestDelegate next)
    {
        // A WebSocket stays open for as long as it is used and would never give its turn back.
        if (context.Request.Headers.Upgrade.Count > 0 || HttpMethods.IsConnect(context.Request.Method))
        {
            await next(context);
            return true;
        }

        using RateLimitLease turn = await AcquireAsync(context);
        if (!turn.IsAcquired) return false;
        await next(context);
        return true;
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
