using System.Threading.Tasks.Sources;

namespace Rcomm.Burst.Engine.Streams;

/// <summary>
/// Lets one operation wait until its descriptor is ready. <see cref="Set"/> resumes it inline, so a connection's code never leaves the worker's thread.
/// </summary>
internal sealed class ReadinessSignal : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _source;
    private bool _isAwaited;

    public ValueTask WaitAsync()
    {
        _source.Reset();
        _isAwaited = true;
        return new(this, _source.Version);
    }

    public void Set()
    {
        if (!_isAwaited) return;
        _isAwaited = false;
        _source.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
