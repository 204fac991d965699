using System.Buffers;
using System.IO.Pipelines;
using Rcomm.Shared.Linux;

namespace Rcomm.Transport.Connections;

/// <summary>
/// Sends to the peer. A flush calls the kernel directly and completes when the kernel has taken everything. Slow clients thus cause backpressure, and
/// memory holds no more than was written since the last flush.
/// </summary>
internal sealed class EpollPipeWriter : PipeWriter, IThreadPoolWorkItem, ISendRoomFeature
{
    // After this many waits that found room, the loop serves other connections first.
    private const int MaxInARow = 4;

    private readonly EpollConnection _connection;
    private readonly PendingOperation<FlushResult> _pending;
    private BufferSegment? _head;
    private BufferSegment? _tail;
    private BufferSegment? _spare;
    private int _start;
    private long _unflushed;
    private bool _completed;
    private bool _broken;
    // The first wait continues on the loop at once, since a request that had to look for its file comes from the thread pool.
    private int _inARow = MaxInARow;
    private bool _waitsForRoom;
    private bool _isContinued;

    public EpollPipeWriter(EpollConnection connection)
    {
        _connection = connection;
        _pending = new(this);
    }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_completed) throw new InvalidOperationException("The writer was completed.");
        if (_tail is not null && _tail.Room.Length >= Math.Max(sizeHint, 1)) return _tail.Room;

        BufferSegment segment = _spare ?? new BufferSegment();
        _spare = null;
        segment.Fill(_connection.Pool, sizeHint);
        _tail?.Link(segment);
        _head ??= segment;
        _tail = segment;
        return segment.Room;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (bytes == 0) return;
        _tail!.Append(bytes);
        _unflushed += bytes;
    }

    /// <summary>Writes and flushes. If no data is pending, only the part that the kernel doesn't take immediately is copied.</summary>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_unflushed == 0 && !_completed && !_broken && !cancellationToken.IsCancellationRequested && _pending.ConsumeReadiness())
            source = source[Taken(SocketCalls.Send(_connection.Handle, source.Span))..];
        this.Write(source.Span);
        return FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _connection.Handle.MarkServed();
        while (true)
        {
            if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
            if (_pending.ConsumeCancellation()) return new(new FlushResult(isCanceled: true, isCompleted: _broken));
            if (Send()) return new(new FlushResult(isCanceled: false, isCompleted: _broken));
            _connection.WatchWriting();
            _waitsForRoom = false;
            ValueTask<FlushResult> task = _pending.Start(cancellationToken);
            if (_pending.TryWait()) return task;
            _pending.Discard();
        }
    }

    public ValueTask<FlushResult> WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _pending.ConsumeReadiness();
            // poll(2) also asks the kernel for an event once there is room.
            bool isOver = _broken || _pending.ConsumeCancellation() || cancellationToken.IsCancellationRequested;
            bool hasRoom = isOver || Poll.IsReady((int)_connection.Handle.DangerousGetHandle(), Poll.Out);
            bool yields = hasRoom && !isOver && _connection.RunsHandlers && ++_inARow > MaxInARow;
            if (hasRoom && !yields)
            {
                _pending.SignalReady();
                return new(new FlushResult(isCanceled: false, isCompleted: _broken));
            }
            _inARow = 0;
            _waitsForRoom = true;
            _connection.WatchWriting(isRepeated: yields);
            ValueTask<FlushResult> task = _pending.Start(cancellationToken);
            if (_pending.TryWait()) return task;
            _pending.Discard();
        }
    }

    public override void CancelPendingFlush() => _pending.RequestCancellation();

    /// <summary>Ends writing. Unflushed data is sent when the connection is disposed.</summary>
    public override void Complete(Exception? exception = null)
    {
        _completed = true;
        if (exception is not null) ReleaseAll();
    }

    /// <summary>Called on the loop's thread when the socket may be writable. A wait for room then needs <see cref="Continue"/>.</summary>
    public void Ready()
    {
        if (!_pending.SignalReady()) return;
        // A flush that had to wait is part of a large response, perhaps read from disk, so it must not continue on the loop's thread.
        if (_waitsForRoom && _connection.RunsHandlers) _isContinued = true;
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Called on the loop's thread after <see cref="Ready"/>.</summary>
    public void Continue()
    {
        if (!_isContinued) return;
        _isContinued = false;
        Execute();
    }

    /// <summary>Continues the pending flush.</summary>
    public void Execute()
    {
        do
        {
            bool isCanceled = _pending.ConsumeCancellation();
            if (!isCanceled && !_pending.IsCancelled && !Send()) continue;
            Finish(isCanceled);
            return;
        }
        while (!_pending.TryWait());
    }

    private void Finish(bool isCanceled)
    {
        if (_unflushed > 0 && !isCanceled) _pending.Complete(new OperationCanceledException());
        else _pending.Complete(new FlushResult(isCanceled, isCompleted: _broken));
    }

    // Returns true if nothing is left to send: the kernel has taken everything, or the connection is broken.
    private bool Send()
    {
        if (_broken) ReleaseAll();
        while (_unflushed > 0)
        {
            if (!_pending.ConsumeReadiness()) return false;
            Sent(Taken(_head == _tail ? SocketCalls.Send(_connection.Handle, _head!.Memory.Span[_start..]) : SendSeveral()));
        }
        ReleaseAll();
        return true;
    }

    // Returns the bytes that the kernel has taken, from the result of the call.
    private int Taken(nint sent)
    {
        Errno error = sent < 0 ? LibC.LastError : Errno.None;
        if (error is Errno.None or Errno.EINTR) _pending.SignalReady();
        else if (error != Errno.EAGAIN)
        {
            _broken = true;
            ReleaseAll();
            _connection.End();
        }
        return (int)Math.Max(0, sent);
    }

    private nint SendSeveral()
    {
        var buffers = new ReadOnlyMemory<byte>[SocketCalls.MaxBuffers];
        int count = 0;
        for (BufferSegment? segment = _head; segment is not null && count < buffers.Length; segment = segment.After)
            buffers[count++] = segment == _head ? segment.Memory[_start..] : segment.Memory;
        return SocketCalls.Send(_connection.Handle, buffers.AsSpan(0, count));
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
