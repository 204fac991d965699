using System.Threading.Tasks.Sources;

namespace Rcomm.Transport.Connections;

/// <summary>
/// A read or a flush that waits until its socket may be ready for it, or until it is cancelled. The one that reads or writes, the loop's
/// thread and whoever cancels meet here.
/// </summary>
/// <param name="goOn">Goes on with what waits; run on the thread pool where it was cancelled.</param>
internal sealed class PendingOperation<TResult>(IThreadPoolWorkItem goOn) : IValueTaskSource<TResult>
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<TResult> _source;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;

    // Set under the lock; taken, which is what costs most often, without it.
    private bool _isReady = true;
    private bool _waits;
    private bool _cancelRequested;

    /// <summary>True where the token it was begun with asks for its end.</summary>
    public bool IsCancelled => _cancellation.IsCancellationRequested;

    /// <summary>A task that ends with <see cref="End(TResult)"/> or <see cref="End(Exception)"/>.</summary>
    public ValueTask<TResult> Begin(CancellationToken cancellationToken)
    {
        _source.Reset();
        _cancellation = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static waiting => ((PendingOperation<TResult>)waiting!).Cancelled(), this);
        return new(this, _source.Version);
    }

    /// <summary>Waits from here on; false where there is a reason to go on at once.</summary>
    public bool TryWait()
    {
        lock (_lock) return _waits = !_isReady && !_cancelRequested && !IsCancelled;
    }

    /// <summary>Forgets what was begun; its token no longer counts.</summary>
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

    /// <summary>The socket may be ready. True where something waited for it, which the caller then must go on with.</summary>
    public bool Ready()
    {
        lock (_lock)
        {
            _isReady = true;
            return StopsWaiting();
        }
    }

    /// <summary>
    /// True once for each time the socket may be ready. To be taken before the call of the kernel: what comes after it is told by another
    /// event.
    /// </summary>
    public bool TakeReadiness()
    {
        // Whoever sets it afterwards tells of something later.
        return Interlocked.Exchange(ref _isReady, false);
    }

    /// <summary>Asks what waits, or else the next, to end without a result.</summary>
    public void RequestCancellation()
    {
        lock (_lock)
        {
            _cancelRequested = true;
            if (!StopsWaiting()) return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(goOn, preferLocal: false);
    }

    /// <summary>True once for each <see cref="RequestCancellation"/>.</summary>
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
            // It may be the token of one in the past that is cancelled so late.
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
