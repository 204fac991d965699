using System.Threading.Tasks.Sources;

namespace Rcomm.Transport.Connections;

/// <summary>
/// A read or a flush that waits until its socket may be ready or until it is cancelled. It synchronizes the caller, the loop's thread and the
/// cancellation.
/// </summary>
/// <param name="goOn">Continues the operation; queued to the thread pool after a cancellation.</param>
internal sealed class PendingOperation<TResult>(IThreadPoolWorkItem goOn) : IValueTaskSource<TResult>
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

    /// <summary>Starts an operation and returns its task, which <see cref="End(TResult)"/> or <see cref="End(Exception)"/> completes.</summary>
    public ValueTask<TResult> Begin(CancellationToken cancellationToken)
    {
        _source.Reset();
        _cancellation = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static waiting => ((PendingOperation<TResult>)waiting!).Cancelled(), this);
        return new(this, _source.Version);
    }

    /// <summary>Begins to wait. Returns false if there is a reason to continue immediately.</summary>
    public bool TryWait()
    {
        lock (_lock) return _waits = !_isReady && !_cancelRequested && !IsCancelled;
    }

    /// <summary>Discards the operation; its token is no longer observed.</summary>
    public void Abandon()
    {
        _registration.Unregister();
        _registration = default;
    }

    public void End(TResult result)
    {
        Abandon();
        _source.SetResult(result);
    }

    public void End(Exception error)
    {
        Abandon();
        _source.SetException(error);
    }

    /// <summary>Marks the socket as possibly ready. Returns true if an operation waited, which the caller must then continue.</summary>
    public bool Ready()
    {
        lock (_lock)
        {
            _isReady = true;
            return StopsWaiting();
        }
    }

    /// <summary>
    /// Returns true once for each time the socket may be ready. Call it before the system call, so that anything that arrives later sets it again.
    /// </summary>
    public bool TakeReadiness()
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
            if (!StopsWaiting()) return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(goOn, preferLocal: false);
    }

    /// <summary>Returns true once for each <see cref="RequestCancellation"/>.</summary>
    public bool TakeCancellation()
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
            if (!IsCancelled || !StopsWaiting()) return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(goOn, preferLocal: false);
    }

    private bool StopsWaiting()
    {
        bool waited = _waits;
        _waits = false;
        return waited;
    }
}
