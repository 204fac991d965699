using System.IO.Pipelines;
using Rcomm.Shared.Linux;

namespace Rcomm.Transport.Connections;

/// <summary>
/// What the peer sends. A read takes it from the kernel itself, on the reader's thread where something is there, and otherwise on the
/// loop's as soon as it is: nothing is handed from thread to thread, and a connection that waits holds no buffer.
/// </summary>
internal sealed class EpollPipeReader : PipeReader, IThreadPoolWorkItem
{
    // So many reads, and answers, in a row; then others have their turn on the loop's thread.
    private const int MaxInARow = 64;

    private readonly EpollConnection _connection;
    private readonly PendingOperation<ReadResult> _waiting;
    private readonly ReceivedBytes _received;
    private int _inARow;
    private bool _completed;
    private bool _ended;
    private Exception? _error;
    private volatile bool _peerClosed;

    public EpollPipeReader(EpollConnection connection)
    {
        _connection = connection;
        _waiting = new(this);
        _received = new(connection.Pool);
    }

    /// <summary>True where bytes came that nobody has read: closing the connection now would reset it.</summary>
    public bool LeftSomething { get; private set; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);
            if (++_inARow > MaxInARow && !Thread.CurrentThread.IsThreadPoolThread) return GoOnElsewhere(cancellationToken);
            bool isReady = TryRead(out ReadResult result);
            if (!isReady && Returns()) return new(Unread(isCanceled: false));
            // Also where something was there: whoever answers it must hear of it when the peer goes away.
            _connection.WatchReading();
            if (isReady)
            {
                _connection.Stay();
                return new(result);
            }

            _inARow = 0;
            _received.Compact();
            ValueTask<ReadResult> task = _waiting.Begin(cancellationToken);
            if (_waiting.TryWait()) return task;
            _waiting.Abandon();
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_completed) throw new InvalidOperationException("The reader was completed.");
        _connection.Handle.MarkServed();
        bool isCanceled = _waiting.TakeCancellation();
        // Also where it is cancelled: a server that stops answers what has come.
        bool isReady = HasSomething() || isCanceled;
        result = isReady ? Unread(isCanceled) : default;
        return isReady;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _received.Advance(consumed, examined);

    public override void CancelPendingRead() => _waiting.RequestCancellation();

    public override void Complete(Exception? exception = null)
    {
        if (_completed) return;
        _completed = true;
        // An event may have told of what was read since.
        if (!_ended) Receive();
        LeftSomething = !_received.IsEmpty;
        _received.Clear();
    }

    /// <summary>Puts what was read already in front of what comes; for before the first read.</summary>
    public void Put(ReadOnlySpan<byte> received) => _received.Put(received);

    /// <summary>True where something has come that nobody has read: bytes, or the end. For where no read is waiting.</summary>
    /// <param name="isExact">True to ask the kernel, whatever the loop was told.</param>
    public bool HasArrived(bool isExact)
    {
        if (isExact) _waiting.Ready();
        return HasSomething();
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
        if (peerClosed) _peerClosed = true;
        if (!_waiting.Ready()) return;
        if (_connection.RunsHandlers) Execute();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Has a read that waits ask once more whether the connection returns to the fast path.</summary>
    public void LookAgain()
    {
        if (_waiting.Ready()) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Goes on with the read that waits.</summary>
    public void Execute()
    {
        do
        {
            bool isCanceled = _waiting.TakeCancellation();
            if (!HasSomething() && !isCanceled && !_waiting.IsCancelled && !Returns())
            {
                _received.Compact();
                continue;
            }
            Finish(isCanceled);
            return;
        }
        while (!_waiting.TryWait());
    }

    private ValueTask<ReadResult> GoOnElsewhere(CancellationToken cancellationToken)
    {
        _inARow = 0;
        ValueTask<ReadResult> task = _waiting.Begin(cancellationToken);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return task;
    }

    private void Finish(bool isCanceled)
    {
        if (!_ended) _connection.Stay();
        if (_error is not null) _waiting.End(_error);
        else if (_received.IsExamined && !_ended && !isCanceled) _waiting.End(new OperationCanceledException());
        else _waiting.End(Unread(isCanceled));
    }

    // An end between two requests ends Kestrel's part cleanly.
    private bool Returns() => _received.IsEmpty && !_ended && _connection.TryReturn() && (_ended = true);

    private bool HasSomething() => _ended || !_received.IsExamined || Receive();

    // True where there is something new: bytes, the end, or an error.
    private bool Receive()
    {
        while (_waiting.TakeReadiness())
        {
            nint count = SocketCalls.Receive(_connection.Handle, _received.Room().Span);
            if (count > 0)
            {
                _received.Append((int)count);
                // A full block may have left something, and what came before the end of the peer's side does not tell of it (epoll(7), question 9).
                if (_received.HasFilled || _peerClosed) _waiting.Ready();
                return true;
            }
            Errno error = LibC.LastError;
            _received.ReleaseRoom();
            if (count < 0 && error == Errno.EAGAIN) continue;
            if (count < 0 && error == Errno.EINTR) _waiting.Ready();
            else
            {
                _ended = true;
                // The end of the peer's side is told by the read alone: it may still wait for its answer.
                if (count < 0)
                {
                    _error = _connection.ReasonOf(error);
                    _connection.End();
                }
                return true;
            }
        }
        return false;
    }

    private ReadResult Unread(bool isCanceled)
    {
        if (_error is not null) throw _error;
        return new ReadResult(_received.All, isCanceled, _ended);
    }
}
