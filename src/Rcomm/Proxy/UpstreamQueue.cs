using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Proxy;

/// <summary>
/// Limits the concurrent requests to an upstream; others wait, oldest first. A burst thus reaches a service as a steady stream, on few connections that
/// stay open.
/// </summary>
internal sealed class UpstreamQueue(UpstreamLimits limits) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new()
    {
        PermitLimit = limits.Requests,
        QueueLimit = limits.Queue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>The number of waiting requests.</summary>
    public long Waiting => _limiter.GetStatistics()?.CurrentQueuedCount ?? 0;

    /// <summary>
    /// Waits until a request may be forwarded; its place is free again when the lease is disposed. If its time is over, the lease isn't acquired.
    /// </summary>
    public ValueTask<RateLimitLease> WaitAsync(HttpContext context)
    {
        RateLimitLease atOnce = _limiter.AttemptAcquire();
        return atOnce.IsAcquired ? new(atOnce) : WaitInLineAsync(context, atOnce);
    }

    public void Dispose() => _limiter.Dispose();

    private async ValueTask<RateLimitLease> WaitInLineAsync(HttpContext context, RateLimitLease refused)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(limits.Wait);
        try
        {
            return await _limiter.AcquireAsync(1, limit.Token);
        }
        catch (OperationCanceledException)
        {
            return refused;
        }
    }
}
