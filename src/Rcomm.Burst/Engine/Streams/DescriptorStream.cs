using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine.Streams;

/// <summary>
/// A connection's descriptor as a stream for <see cref="System.Net.Security.SslStream"/>. Reads and writes try the call first and wait only after EAGAIN.
/// The worker resumes them when epoll reports the descriptor (edge-triggered). Everything runs on the worker's thread.
/// </summary>
internal sealed class DescriptorStream : Stream
{
    private readonly ReadinessSignal _readable = new();
    private readonly ReadinessSignal _writable = new();
    private int _descriptor = -1;
    private bool _isClosed;

    /// <summary>The error that ended the connection, or <see cref="Errno.None"/>.</summary>
    public Errno Error { get; private set; }

    /// <summary>Whether the server has closed its side.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Sees the bytes of both directions during a TLS handshake; otherwise null.</summary>
    public Tls.HandshakeObserver? Observer { get; set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Attaches the connection, and sends what was written before.</summary>
    public void Attach(int descriptor)
    {
        _descriptor = descriptor;
        _writable.Set();
    }

    /// <summary>Resumes the operations that wait for these events.</summary>
    public void OnEvents(EpollEvents events)
    {
        if ((events & (EpollEvents.Out | EpollEvents.Error | EpollEvents.HangUp)) != 0) _writable.Set();
        if ((events & (EpollEvents.In | EpollEvents.PeerClosed | EpollEvents.Error | EpollEvents.HangUp)) != 0) _readable.Set();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            ThrowIfClosed();
            nint count = SocketCalls.Receive(_descriptor, buffer.Span);
            if (count >= 0)
            {
                IsAtEnd |= count == 0;
                Observer?.Received(buffer.Span[..(int)count]);
                return (int)count;
            }
            await WaitAsync(_readable, LibC.LastError);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Observer?.Sent(buffer.Span);
        while (!buffer.IsEmpty)
        {
            if (_descriptor < 0 && !_isClosed) await _writable.WaitAsync();
            ThrowIfClosed();
            nint count = SocketCalls.Send(_descriptor, buffer.Span);
            if (count >= 0) buffer = buffer[(int)count..];
            else await WaitAsync(_writable, LibC.LastError);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // Nothing is buffered.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Called when the worker has closed the descriptor: pending operations fail, and nothing uses the descriptor afterwards.</summary>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _isClosed = true;
        _writable.Set();
        _readable.Set();
    }

    private ValueTask WaitAsync(ReadinessSignal signal, Errno error)
    {
        if (error == Errno.EINTR) return ValueTask.CompletedTask;
        if (error == Errno.EAGAIN) return signal.WaitAsync();
        Error = error;
        throw new IOException($"The connection failed ({error}).");
    }

    private void ThrowIfClosed()
    {
        if (_isClosed) throw new IOException("The connection is closed.");
    }
}
