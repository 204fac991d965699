using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Rcomm.Kestrel.Linux;

namespace Rcomm.Kestrel.Epoll;

/// <summary>
/// What goes to the peer. A flush gives it to the kernel itself, and ends when the kernel has taken all of it: a slow client holds back whoever writes, and no more is
/// in memory than was written since the last flush.
/// </summary>
internal sealed class EpollWriter(EpollConnection connection) : PipeWriter, IValueTaskSource<FlushResult>, IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<FlushResult> _pending;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private BufferSegment? _head;
    private BufferSegment? _tail;
    private BufferSegment? _spare;
    private int _start;
    private long _unflushed;
    private bool _completed;
    private bool _broken;

    // Under the lock: the loop's thread and whoever cancels meet the writer here.
    private bool _mayHaveRoom = true;
    private bool _waiting;
    private bool _cancelRequested;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_completed) throw new InvalidOperationException("The writer was completed.");
        if (_tail is not null && _tail.Room.Length >= Math.Max(sizeHint, 1)) return _tail.Room;

        BufferSegment segment = _spare ?? new BufferSegment();
        _spare = null;
        segment.Fill(connection.Pool, sizeHint);
        _tail?.Link(segment);
        _head ??= segment;
        _tail = segment;
        return segment.Room;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        _tail!.Append(bytes);
        _unflushed += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
            if (TakeCancellation()) return new(new FlushResult(isCanceled: true, isCompleted: _broken));
            if (Send()) return new(new FlushResult(isCanceled: false, isCompleted: _broken));
            connection.WatchWriting();
            if (TryWait(cancellationToken)) return new(this, _pending.Version);
        }
    }

    public override void CancelPendingFlush()
    {
        lock (_lock)
        {
            _cancelRequested = true;
            if (!_waiting) return;
            _waiting = false;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Nothing more is written; what was written and not flushed goes out when the connection is disposed.</summary>
    public override void Complete(Exception? exception = null)
    {
        _completed = true;
        if (exception is not null) ReleaseAll();
    }

    /// <summary>The loop's: the socket may have room.</summary>
    public void Ready()
    {
        lock (_lock)
        {
            _mayHaveRoom = true;
            if (!_waiting) return;
            _waiting = false;
        }
        // Whoever waits for a flush is sending something large, from a disk perhaps: that is no work for the loop's thread.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Goes on with the flush that waits.</summary>
    public void Execute()
    {
        do
        {
            bool isCanceled = TakeCancellation();
            if (!isCanceled && !_cancellation.IsCancellationRequested && !Send()) continue;
            Finish(isCanceled);
            return;
        }
        while (!TryWaitAgain());
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _pending.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _pending.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _pending.OnCompleted(continuation, state, token, flags);

    private bool TryWait(CancellationToken cancellationToken)
    {
        _pending.Reset();
        _cancellation = cancellationToken;
        if (cancellationToken.CanBeCanceled) _registration = cancellationToken.UnsafeRegister(static writer => ((EpollWriter)writer!).StopWaiting(), this);
        if (TryWaitAgain()) return true;
        Unregister();
        return false;
    }

    // False where there is a reason to go on.
    private bool TryWaitAgain()
    {
        lock (_lock) return _waiting = !_mayHaveRoom && !_cancelRequested && !_cancellation.IsCancellationRequested;
    }

    private void StopWaiting()
    {
        lock (_lock)
        {
            // It may be a flush of the past that is cancelled so late.
            if (!_waiting || !_cancellation.IsCancellationRequested) return;
            _waiting = false;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Finish(bool isCanceled)
    {
        Unregister();
        if (_unflushed > 0 && !isCanceled) _pending.SetException(new OperationCanceledException(_cancellation));
        else _pending.SetResult(new FlushResult(isCanceled, isCompleted: _broken));
    }

    private void Unregister()
    {
        _registration.Unregister();
        _registration = default;
    }

    private bool TakeCancellation()
    {
        lock (_lock)
        {
            bool requested = _cancelRequested;
            _cancelRequested = false;
            return requested;
        }
    }

    // True where nothing is left to send: the kernel has it, or the connection is broken.
    private bool Send()
    {
        if (_broken) ReleaseAll();
        while (_unflushed > 0)
        {
            if (!TakeReadiness()) return false;
            nint count = _head == _tail ? ConnectionCalls.Send(connection.Handle, _head!.Memory.Span[_start..]) : SendSeveral();
            if (count >= 0)
            {
                Sent((int)count);
                MayHaveRoom();
                continue;
            }
            switch (ConnectionCalls.LastError)
            {
                case Errno.EAGAIN:
                    continue;
                case Errno.EINTR:
                    MayHaveRoom();
                    continue;
                default:
                    _broken = true;
                    ReleaseAll();
                    connection.End();
                    break;
            }
        }
        ReleaseAll();
        return true;
    }

    private nint SendSeveral()
    {
        var buffers = new ReadOnlyMemory<byte>[ConnectionCalls.MostBuffers];
        int count = 0;
        for (BufferSegment? segment = _head; segment is not null && count < buffers.Length; segment = segment.After)
            buffers[count++] = segment == _head ? segment.Memory[_start..] : segment.Memory;
        return ConnectionCalls.Send(connection.Handle, buffers.AsSpan(0, count));
    }

    private void Sent(int count)
    {
        _unflushed -= count;
        while (count > 0)
        {
            int here = Math.Min(count, _head!.End - _start);
            count -= here;
            _start += here;
            if (_start < _head.End || _head == _tail) return;
            ReleaseHead();
        }
    }

    private bool TakeReadiness()
    {
        lock (_lock)
        {
            bool ready = _mayHaveRoom;
            // Before the call: what comes after it is told by another event.
            _mayHaveRoom = false;
            return ready;
        }
    }

    private void MayHaveRoom()
    {
        lock (_lock) _mayHaveRoom = true;
    }

    private void ReleaseHead()
    {
        BufferSegment released = _head!;
        _head = released.After;
        _tail = _head is null ? null : _tail;
        _start = 0;
        released.Release();
        _spare = released;
    }

    private void ReleaseAll()
    {
        while (_head is not null) ReleaseHead();
        _unflushed = 0;
    }
}
