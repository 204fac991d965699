using Microsoft.AspNetCore.Http;

namespace Rcomm.Proxy.Http2;

/// <summary>Cancels a request if its upstream is silent for too long or its client is gone.</summary>
internal sealed class UpstreamTimeout(HttpContext context) : IDisposable
{
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);

    private TimeSpan _within = Timeout.InfiniteTimeSpan;

    public CancellationToken Token => _end.Token;

    /// <summary>Sets how long the upstream may be silent from now on; zero for no limit.</summary>
    public void Expect(TimeSpan within)
    {
        _within = within == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : within;
        Renew();
    }

    /// <summary>Restarts the timeout.</summary>
    public void Renew() => _end.CancelAfter(_within);

    /// <summary>Returns why it was cancelled.</summary>
    public UpstreamException ReasonOf(OperationCanceledException e) => context.RequestAborted.IsCancellationRequested
        ? new(UpstreamFailure.Client, "the client is gone", e)
        : new(UpstreamFailure.TimedOut, "no response in time", e);

    public void Dispose() => _end.Dispose();
}
