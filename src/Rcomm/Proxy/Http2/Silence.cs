using Microsoft.AspNetCore.Http;

namespace Rcomm.Proxy.Http2;

/// <summary>Cancels a request when its upstream has been silent for too long, or its client is gone.</summary>
internal sealed class Silence(HttpContext context) : IDisposable
{
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);

    private TimeSpan _within = Timeout.InfiniteTimeSpan;

    public CancellationToken Token => _end.Token;

    /// <summary>Lets the upstream be silent for so long from now; zero for no limit.</summary>
    public void Expect(TimeSpan within)
    {
        _within = within == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : within;
        Renew();
    }

    /// <summary>The same time again, from now.</summary>
    public void Renew() => _end.CancelAfter(_within);

    /// <summary>Why it was cancelled.</summary>
    public UpstreamException ReasonOf(OperationCanceledException e) => context.RequestAborted.IsCancellationRequested
        ? new(UpstreamFailure.Client, "the client is gone", e)
        : new(UpstreamFailure.TimedOut, "no answer in time", e);

    public void Dispose() => _end.Dispose();
}
