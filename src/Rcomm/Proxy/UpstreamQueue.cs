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

    /// <summary>Waits for a request's turn, which ends with the lease; it isn't acquired where the turn never came.</summary>
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
