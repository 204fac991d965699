using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Rcomm.Kestrel.Linux;

namespace Rcomm.Kestrel.Epoll;

/// <summary>
/// What the peer sends. A read takes it from the kernel itself, on the reader's thread where something is there, and otherwise on the loop's as soon as it is: nothing
/// is handed from thread to thread, and a connection that waits holds no buffer.
/// </summary>
internal sealed class EpollReader(EpollConnection connection) : PipeReader, IValueTaskSource<ReadResult>, IThreadPoolWorkItem
{
    // Less room than this in the last block is not worth a call of the kernel.
    private const int LeastRoom = 1024;
    // So many reads, and answers, in a row; then others have their turn on the loop's thread.
    private const int MostInARow = 64;

    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<ReadResult> _pending;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;
    private BufferSegment? _head;
    private BufferSegment? _tail;
    private BufferSegment? _spare;
    private int _start;
    private int _inARow;
    private bool _examined = true;
    private bool _completed;
    private bool _ended;
    private Exception? _error;

    // Under the lock: the loop's thread and whoever cancels meet the reader here.
    private bool _mayHaveMore = true;
    private bool _peerClosed;
    private bool _waiting;
    private bool _cancelRequested;

    /// <summary>True where bytes came that nobody has read: closing the connection now would reset it.</summary>
    public bool LeftSomething { get; private set; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);
            if (++_inARow > MostInARow && !Thread.CurrentThread.IsThreadPoolThread) return GoOnElsewhere(cancellationToken);
            bool isReady = TryRead(out ReadResult result);
            // Also where something was there: whoever answers it must hear of it when the peer goes away.
            connection.WatchReading();
            if (isReady) return new(result);
            if (TryWait(cancellationToken)) return new(this, _pending.Version);
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_completed) throw new InvalidOperationException("The reader was completed.");
        bool isCanceled = TakeCancellation();
        // Also where it is cancelled: a server that stops answers what has come.
        bool isReady = HasSomething() || isCanceled;
        result = isReady ? Unread(isCanceled) : default;
        return isReady;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_head is null || consumed.GetObject() is not BufferSegment last || examined.GetObject() is not BufferSegment seen) return;

        _examined = seen.RunningIndex + examined.GetInteger() >= _tail!.RunningIndex + _tail.End;
        while (_head != last) ReleaseHead();
        _start = consumed.GetInteger();
        if (_head == _tail && _start == _tail!.End) ReleaseHead();
    }

    public override void CancelPendingRead()
    {
        lock (_lock)
        {
            _cancelRequested = true;
            if (!_waiting) return;
            _waiting = false;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public override void Complete(Exception? exception = null)
    {
        if (_completed) return;
        _completed = true;
        lock (_lock) LeftSomething = _head is not null || (_mayHaveMore && !_ended);
        while (_head is not null) ReleaseHead();
    }

    /// <summary>Takes what still comes and throws it away, until the peer's end; for after <see cref="Complete"/>.</summary>
    public async Task DiscardAsync(CancellationToken cancellationToken)
    {
        _completed = false;
        while (true)
        {
            ReadResult read = await ReadAsync(cancellationToken);
            if (read.IsCompleted) return;
            AdvanceTo(read.Buffer.End);
        }
    }

    /// <summary>The loop's: the socket may have something.</summary>
    public void Ready(bool peerClosed)
    {
        lock (_lock)
        {
            _peerClosed |= peerClosed;
            _mayHaveMore = true;
            if (!_waiting) return;
            _waiting = false;
        }
        if (connection.RunsHandlers) Execute();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Goes on with the read that waits.</summary>
    public void Execute()
    {
        do
        {
            bool isCanceled = TakeCancellation();
            if (!HasSomething() && !isCanceled && !_cancellation.IsCancellationRequested) continue;
            Finish(isCanceled);
            return;
        }
        while (!TryWaitAgain());
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _pending.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _pending.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _pending.OnCompleted(continuation, state, token, flags);

    private ValueTask<ReadResult> GoOnElsewhere(CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        short version = _pending.Version;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return new(this, version);
    }

    private bool TryWait(CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        if (TryWaitAgain()) return true;
        Unregister();
        return false;
    }

    private void Begin(CancellationToken cancellationToken)
    {
        _inARow = 0;
        _pending.Reset();
        _cancellation = cancellationToken;
        if (cancellationToken.CanBeCanceled) _registration = cancellationToken.UnsafeRegister(static reader => ((EpollReader)reader!).StopWaiting(), this);
    }

    // False where there is a reason to go on.
    private bool TryWaitAgain()
    {
        lock (_lock) return _waiting = !_mayHaveMore && !_cancelRequested && !_cancellation.IsCancellationRequested;
    }

    private void StopWaiting()
    {
        lock (_lock)
        {
            // It may be a read of the past that is cancelled so late.
            if (!_waiting || !_cancellation.IsCancellationRequested) return;
            _waiting = false;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Finish(bool isCanceled)
    {
        Unregister();
        if (_error is not null) _pending.SetException(_error);
        else if (_examined && !_ended && !isCanceled) _pending.SetException(new OperationCanceledException(_cancellation));
        else _pending.SetResult(Unread(isCanceled));
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

    private bool HasSomething() => _ended || !_examined || Receive();

    // True where there is something new: bytes, the end, or an error.
    private bool Receive()
    {
        while (TakeReadiness())
        {
            Memory<byte> room = Room();
            nint count = ConnectionCalls.Receive(connection.Handle, room.Span);
            if (count > 0)
            {
                _tail!.Append((int)count);
                _examined = false;
                // A full block may have left something, and what came before the end of the peer's side does not tell of it (epoll(7), question 9).
                if (count == room.Length || _peerClosed) MayHaveMore();
                return true;
            }
            Errno error = ConnectionCalls.LastError;
            if (_head == _tail && _tail!.End == 0) ReleaseHead();
            if (count < 0 && error == Errno.EAGAIN) continue;
            if (count < 0 && error == Errno.EINTR) MayHaveMore();
            else
            {
                _ended = true;
                if (count < 0) _error = connection.ReasonOf(error);
                connection.End();
                return true;
            }
        }
        return false;
    }

    private bool TakeReadiness()
    {
        lock (_lock)
        {
            bool ready = _mayHaveMore;
            // Before the call: what comes after it is told by another event.
            _mayHaveMore = false;
            return ready;
        }
    }

    private void MayHaveMore()
    {
        lock (_lock) _mayHaveMore = true;
    }

    private Memory<byte> Room()
    {
        if (_tail is not null && _tail.Room.Length >= LeastRoom) return _tail.Room;

        BufferSegment segment = _spare ?? new BufferSegment();
        _spare = null;
        segment.Fill(connection.Pool, LeastRoom);
        _tail?.Link(segment);
        _head ??= segment;
        _tail = segment;
        return segment.Room;
    }

    private void ReleaseHead()
    {
        BufferSegment released = _head!;
        _head = released.After;
        if (_head is null)
        {
            _tail = null;
            _examined = true;
        }
        _start = 0;
        released.Release();
        _spare = released;
    }

    private ReadResult Unread(bool isCanceled)
    {
        if (_error is not null) throw _error;
        ReadOnlySequence<byte> unread = _head is null ? default : new(_head, _start, _tail!, _tail!.End);
        return new ReadResult(unread, isCanceled, _ended);
    }
}
