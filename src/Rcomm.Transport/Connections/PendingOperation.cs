using System.Threading.Tasks.Sources;

namespace Rcomm.Transport.Connections;

/// <summary>
/// A read or a flush that waits until its socket may be ready or until it is cancelled. It synchronizes the caller, the loop's thread and the
/// cancellation, by these steps:
/// <list type="number">
/// <item>The caller consumes the readiness and makes its system call. If that would block, it starts the operation.</item>
/// <item><see cref="TryWait"/>: without a reason to continue, the operation waits, and the caller has its task. Else it is discarded: back to 1.</item>
/// <item>A waiting operation is continued by exactly one of three: <see cref="SignalReady"/> by the loop's thread, a cancellation of its token, or
/// <see cref="RequestCancellation"/>. The lock decides which, and the others find that it no longer waits.</item>
/// <item>Who continues it makes the system call again. It completes the operation, or goes back to 2.</item>
/// </list>
/// A signal that arrives while nothing waits is kept: the next <see cref="ConsumeReadiness"/> or <see cref="TryWait"/> sees it.
/// </summary>
/// <param name="continuation">Continues the operation; queued to the thread pool after a cancellation.</param>
internal sealed class PendingOperation<TResult>(IThreadPoolWorkItem continuation) : IValueTaskSource<TResult>
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<TResult> _source;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;

    // Set under the lock, but consumed without it, since that happens most often.
    private bool _isReady = true;
    private bool _waits;
    private bool _cancelRequested;

    /// <summary>Whether the operation's token is cancelled.</summary>
    public bool IsCancelled => _cancellation.IsCancellationRequested;

    /// <summary>Starts an operation and returns its task, which <see cref="Complete(TResult)"/> or <see cref="Complete(Exception)"/> completes.</summary>
    public ValueTask<TResult> Start(CancellationToken cancellationToken)
    {
        _source.Reset();
        _cancellation = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static pending => ((PendingOperation<TResult>)pending!).Cancelled(), this);
        return new(this, _source.Version);
    }

    /// <summary>Begins to wait. Returns false if there is a reason to continue immediately.</summary>
    public bool TryWait()
    {
        lock (_lock) return _waits = !_isReady && !_cancelRequested && !IsCancelled;
    }

    /// <summary>Discards the operation; its token is no longer observed.</summary>
    public void Discard()
    {
        _registration.Unregister();
        _registration = default;
    }

    public void Complete(TResult result)
    {
        Discard();
        _source.SetResult(result);
    }

    public void Complete(Exception error)
    {
        Discard();
        _source.SetException(error);
    }

    /// <summary>Marks the socket as possibly ready. Returns true if an operation waited, which the caller must then continue.</summary>
    public bool SignalReady()
    {
        lock (_lock)
        {
            _isReady = true;
            return TryStopWaiting();
        }
    }

    /// <summary>
    /// Returns true once for each time the socket may be ready. Call it before the system call, so that anything that arrives later sets it again.
    /// </summary>
    public bool ConsumeReadiness()
    {
        // A later store reports something newer.
        return Interlocked.Exchange(ref _isReady, false);
    }

    /// <summary>Cancels the pending operation, or else the next one.</summary>
    public void RequestCancellation()
    {
        lock (_lock)
        {
            _cancelRequested = true;
            if (!TryStopWaiting()) return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(continuation, preferLocal: false);
    }

    /// <summary>Returns true once for each <see cref="RequestCancellation"/>.</summary>
    public bool ConsumeCancellation()
    {
        return Volatile.Read(ref _cancelRequested) && Interlocked.Exchange(ref _cancelRequested, false);
    }

    TResult IValueTaskSource<TResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<TResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<TResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancelled()
    {
        lock (_lock)
        {
            // The token may belong to an earlier operation.
            if (!IsCancelled || !TryStopWaiting()) return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(continuation, preferLocal: false);
    }

    private bool TryStopWaiting()
    {
        bool waited = _waits;
        _waits = false;
        return waited;
    }
}
