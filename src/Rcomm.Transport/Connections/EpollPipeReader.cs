using System.Buffers;
using System.IO.Pipelines;
using Rcomm.Shared.Linux;

namespace Rcomm.Transport.Connections;

/// <summary>
/// What the peer sends. A read takes it from the kernel itself, on the reader's thread where something is there, and otherwise on the loop's as soon as it is: nothing
/// is handed from thread to thread, and a connection that waits holds no buffer.
/// </summary>
internal sealed class EpollPipeReader : PipeReader, IThreadPoolWorkItem
{
    // Less room than this in the last block is not worth a call of the kernel.
    private const int MinRoom = 1024;
    // Where the last block was filled by one read, more is on its way.
    private const int StreamRoom = 16 * 1024;
    // No more than this is copied to give its block back.
    private const int MaxCompacted = 1024;
    // So many reads, and answers, in a row; then others have their turn on the loop's thread.
    private const int MaxInARow = 64;

    private readonly EpollConnection _connection;
    private readonly PendingOperation<ReadResult> _waiting;
    private BufferSegment? _head;
    private BufferSegment? _tail;
    private BufferSegment? _spare;
    private int _start;
    private int _inARow;
    private bool _examined = true;
    private bool _completed;
    private bool _ended;
    private bool _hasFilled;
    private Exception? _error;
    private volatile bool _peerClosed;

    public EpollPipeReader(EpollConnection connection)
    {
        _connection = connection;
        _waiting = new(this);
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
            if (!isReady && _head is null && _connection.TryReturn())
            {
                _ended = true;
                return new(Unread(isCanceled: false));
            }
            // Also where something was there: whoever answers it must hear of it when the peer goes away.
            _connection.WatchReading();
            if (isReady)
            {
                _connection.Stay();
                return new(result);
            }

            _inARow = 0;
            Compact();
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

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_head is null || consumed.GetObject() is not BufferSegment last || examined.GetObject() is not BufferSegment seen) return;

        _examined = seen.RunningIndex + examined.GetInteger() >= _tail!.RunningIndex + _tail.End;
        while (_head != last) ReleaseHead();
        _start = consumed.GetInteger();
        if (_head == _tail && _start == _tail!.End) ReleaseHead();
    }

    public override void CancelPendingRead() => _waiting.RequestCancellation();

    public override void Complete(Exception? exception = null)
    {
        if (_completed) return;
        _completed = true;
        // An event may have told of what was read since.
        if (!_ended) Receive();
        LeftSomething = _head is not null;
        while (_head is not null) ReleaseHead();
    }

    /// <summary>Puts what was read already in front of what comes; for before the first read.</summary>
    public void Put(ReadOnlySpan<byte> received)
    {
        if (received.Length is > 0 and <= MaxCompacted)
        {
            Keep(received.ToArray());
            _examined = false;
            return;
        }
        while (!received.IsEmpty)
        {
            Span<byte> room = Room().Span;
            int count = Math.Min(room.Length, received.Length);
            received[..count].CopyTo(room);
            _tail!.Append(count);
            received = received[count..];
            _examined = false;
        }
    }

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

    /// <summary>Goes on with the read that waits.</summary>
    public void Execute()
    {
        do
        {
            bool isCanceled = _waiting.TakeCancellation();
            if (!HasSomething() && !isCanceled && !_waiting.IsCancelled)
            {
                Compact();
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
        if (_error is not null) _waiting.End(_error);
        else if (_examined && !_ended && !isCanceled) _waiting.End(new OperationCanceledException());
        else _waiting.End(Unread(isCanceled));
    }

    private bool HasSomething() => _ended || !_examined || Receive();

    // True where there is something new: bytes, the end, or an error.
    private bool Receive()
    {
        while (_waiting.TakeReadiness())
        {
            Memory<byte> room = Room();
            nint count = SocketCalls.Receive(_connection.Handle, room.Span);
            if (count > 0)
            {
                _tail!.Append((int)count);
                _examined = false;
                _hasFilled = count == room.Length;
                // A full block may have left something, and what came before the end of the peer's side does not tell of it (epoll(7), question 9).
                if (_hasFilled || _peerClosed) _waiting.Ready();
                return true;
            }
            Errno error = LibC.LastError;
            if (_head == _tail && _tail!.End == 0) ReleaseHead();
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

    private Memory<byte> Room()
    {
        if (_tail is not null && _tail.Room.Length >= MinRoom) return _tail.Room;

        BufferSegment segment = _spare ?? new BufferSegment();
        _spare = null;
        segment.Fill(_connection.Pool, _hasFilled ? StreamRoom : MinRoom);
        _tail?.Link(segment);
        _head ??= segment;
        _tail = segment;
        return segment.Room;
    }

    // What has come in part may wait for minutes: it takes no more than its bytes.
    private void Compact()
    {
        if (_head is null || (_head == _tail && !_head.HasBlock)) return;
        ReadOnlySequence<byte> unread = new(_head, _start, _tail!, _tail!.End);
        if (unread.Length > MaxCompacted) return;
        byte[] bytes = unread.ToArray();
        bool examined = _examined;
        while (_head is not null) ReleaseHead();
        Keep(bytes);
        _examined = examined;
    }

    private void Keep(byte[] bytes)
    {
        _head = _tail = _spare ?? new BufferSegment();
        _spare = null;
        _head.Take(bytes);
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
