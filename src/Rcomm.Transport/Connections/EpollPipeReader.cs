using System.Diagnostics;
using System.IO.Pipelines;
using Rcomm.Shared.Linux;

namespace Rcomm.Transport.Connections;

/// <summary>
/// Reads what the peer sends. A read calls the kernel directly: on the caller's thread if data is waiting, otherwise on the loop's thread as soon as
/// it arrives. No data is handed between threads, and a connection that waits holds no buffer.
/// </summary>
internal sealed class EpollPipeReader : PipeReader, IThreadPoolWorkItem
{
    // After this many consecutive reads, the loop's thread serves other connections.
    private const int MaxInARow = 64;

    private readonly EpollConnection _connection;
    private readonly PendingOperation<ReadResult> _pending;
    private readonly ReceivedBytes _received;
    private int _inARow;
    private bool _completed;
    private bool _ended;
    private bool _isContinued;
    private Exception? _error;
    private volatile bool _peerClosed;

    public EpollPipeReader(EpollConnection connection)
    {
        _connection = connection;
        _pending = new(this);
        _received = new(connection.Pool);
    }

    /// <summary>Whether received bytes were left unread. Closing the connection then sends a reset.</summary>
    public bool LeftSomething { get; private set; }

    /// <summary>When data was last received, as <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long ReceivedAt { get; private set; } = Stopwatch.GetTimestamp();

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);
            if (++_inARow > MaxInARow && !Thread.CurrentThread.IsThreadPoolThread) return ContinueOnThreadPool(cancellationToken);
            bool isReady = TryRead(out ReadResult result);
            if (!isReady && Returns()) return new(Unread(isCanceled: false));
            // Needed even if data was waiting: whoever answers the request must learn that the peer has gone away.
            if (!isReady || !_connection.IsWatchedByRequests) _connection.WatchReading();
            if (isReady)
            {
                _connection.ResetIdlePolicy();
                return new(result);
            }

            _inARow = 0;
            _received.Compact();
            ValueTask<ReadResult> task = _pending.Start(cancellationToken);
            if (_pending.TryWait()) return task;
            _pending.Discard();
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_completed) throw new InvalidOperationException("The reader was completed.");
        _connection.Handle.MarkServed();
        bool isCanceled = _pending.ConsumeCancellation();
        // Received bytes are returned even after a cancellation: a server that stops still answers them.
        bool isReady = HasSomething() || isCanceled;
        result = isReady ? Unread(isCanceled) : default;
        return isReady;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _received.Advance(consumed, examined);

    public override void CancelPendingRead() => _pending.RequestCancellation();

    public override void Complete(Exception? exception = null)
    {
        if (_completed) return;
        _completed = true;
        // An event may predate the last read, so ask the kernel once more.
        if (!_ended) Receive();
        LeftSomething = !_received.IsEmpty;
        _received.Clear();
    }

    /// <summary>Inserts bytes that were already received. Call it before the first read.</summary>
    public void Put(ReadOnlySpan<byte> received) => _received.Put(received);

    /// <summary>Returns true if unread data or the end of input is waiting. Call it only while no read is pending.</summary>
    /// <param name="isExact">True to ask the kernel, regardless of events seen so far.</param>
    public bool HasArrived(bool isExact)
    {
        if (isExact) _pending.SignalReady();
        return HasSomething();
    }

    /// <summary>Reads and discards until the peer closes. Call it after <see cref="Complete"/>.</summary>
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

    /// <summary>Called on the loop's thread when the socket may be readable. Receives for a pending read, which then needs <see cref="Continue"/>.</summary>
    public void Ready(bool peerClosed)
    {
        if (peerClosed) _peerClosed = true;
        if (!_pending.SignalReady()) return;
        _isContinued = true;
        if (_connection.RunsHandlers) HasSomething();
    }

    /// <summary>Called on the loop's thread after <see cref="Ready"/>.</summary>
    public void Continue()
    {
        if (!_isContinued) return;
        _isContinued = false;
        if (_connection.RunsHandlers) Execute();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Makes a pending read check again whether the connection returns to the fast path.</summary>
    public void Recheck()
    {
        if (_pending.SignalReady()) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Continues the pending read.</summary>
    public void Execute()
    {
        do
        {
            bool isCanceled = _pending.ConsumeCancellation();
            if (!HasSomething() && !isCanceled && !_pending.IsCancelled && !Returns())
            {
                _received.Compact();
                continue;
            }
            Finish(isCanceled);
            return;
        }
        while (!_pending.TryWait());
    }

    private ValueTask<ReadResult> ContinueOnThreadPool(CancellationToken cancellationToken)
    {
        _inARow = 0;
        ValueTask<ReadResult> task = _pending.Start(cancellationToken);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return task;
    }

    private void Finish(bool isCanceled)
    {
        if (!_ended) _connection.ResetIdlePolicy();
        if (_error is not null) _pending.Complete(_error);
        else if (_received.IsExamined && !_ended && !isCanceled) _pending.Complete(new OperationCanceledException());
        else _pending.Complete(Unread(isCanceled));
    }

    // Reporting the end of input between two requests makes Kestrel finish cleanly.
    private bool Returns() => _received.IsEmpty && !_ended && _connection.TryReturn() && (_ended = true);

    private bool HasSomething() => _ended || !_received.IsExamined || Receive();

    // Returns true if there is something new: bytes, the end of input or an error.
    private bool Receive()
    {
        while (_pending.ConsumeReadiness())
        {
            nint count = SocketCalls.Receive(_connection.Handle, _received.Room().Span);
            if (count > 0)
            {
                ReceivedAt = Stopwatch.GetTimestamp();
                _received.Append((int)count);
                // If the room was filled, more data may follow. If the peer has closed, no further event reports the end (epoll(7), question 9).
                if (_received.HasFilled || _peerClosed) _pending.SignalReady();
                return true;
            }
            Errno error = LibC.LastError;
            _received.ReleaseRoom();
            if (count < 0 && error == Errno.EAGAIN) continue;
            if (count < 0 && error == Errno.EINTR) _pending.SignalReady();
            else
            {
                _ended = true;
                // The peer may have closed only its own side and still wait for the response, so only the read reports it.
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
