using System.Buffers;
using System.IO.Pipelines;
using Rcomm.Proxy.Bodies;
using Rcomm.Transport.Connections;

namespace Rcomm.Proxy.Http1;

/// <summary>A connection to an upstream, with one request at a time.</summary>
internal sealed class UpstreamConnection(IOutgoingConnection transport, int loop) : IBodySink
{
    private const long Never = long.MaxValue;

    private readonly PipeReader _input = transport.Input;
    private long _deadline = Never;
    private UpstreamException? _cancelled;

    public PipeWriter Output { get; } = transport.Output;

    public ResponseHead Head { get; } = new();

    public int Loop => loop;

    /// <summary>When it was opened and last used, as <see cref="Environment.TickCount64"/>.</summary>
    public long OpenedAt { get; } = Environment.TickCount64;

    public long UsedAt { get; set; }

    /// <summary>Whether a byte of a response to the current request has arrived.</summary>
    public bool HasAnswered { get; set; }

    /// <summary>Returns true if the connection can't take another request.</summary>
    /// <param name="isExact">True to ask the kernel; false to use the last event, which may be slightly out of date.</param>
    public bool IsOver(bool isExact) => _cancelled is not null || transport.IsOver(isExact);

    /// <summary>Sets how long the upstream may be silent from now on; zero for no limit.</summary>
    public void Expect(TimeSpan within) =>
        Volatile.Write(ref _deadline, within == TimeSpan.Zero ? Never : Environment.TickCount64 + (long)within.TotalMilliseconds);

    /// <summary>Cancels pending operations if the upstream was silent for too long.</summary>
    public void CheckDeadline(long now)
    {
        long deadline = Volatile.Read(ref _deadline);
        // A deadline that has changed belongs to another request.
        if (now >= deadline && Interlocked.CompareExchange(ref _deadline, Never, deadline) == deadline)
            Cancel(new(UpstreamFailure.TimedOut, "no response in time"));
    }

    public void Cancel(UpstreamException reason)
    {
        if (Interlocked.CompareExchange(ref _cancelled, reason, null) is not null) return;
        _input.CancelPendingRead();
        Output.CancelPendingFlush();
    }

    /// <summary>Returns the data received and not consumed; waits for more if everything was examined.</summary>
    /// <exception cref="UpstreamException">The connection broke, or was cancelled.</exception>
    public async ValueTask<ReadResult> ReadAsync()
    {
        try
        {
            ReadResult read = await _input.ReadAsync();
            if (read.IsCanceled || _cancelled is not null) throw _cancelled!;
            if (read.Buffer.Length > 0) HasAnswered = true;
            return read;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw _cancelled ?? Broken(e);
        }
    }

    public void AdvanceTo(SequencePosition consumed) => _input.AdvanceTo(consumed);

    public void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _input.AdvanceTo(consumed, examined);

    /// <summary>Sends what was written.</summary>
    /// <exception cref="UpstreamException">The connection broke, or was cancelled.</exception>
    public async ValueTask FlushAsync()
    {
        try
        {
            FlushResult flushed = await Output.FlushAsync();
            if (flushed.IsCanceled && _cancelled is not null) throw _cancelled;
            if (flushed.IsCompleted) throw Broken(null);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw _cancelled ?? Broken(e);
        }
    }

    /// <summary>Reads the head of the next response into <see cref="Head"/>.</summary>
    /// <exception cref="UpstreamException">The head isn't valid, or the connection broke.</exception>
    public async ValueTask ReadHeadAsync()
    {
        while (true)
        {
            ReadResult read = await ReadAsync();
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (ResponseParser.TryParse(buffer, Head, out int consumed))
            {
                AdvanceTo(buffer.GetPosition(consumed));
                return;
            }
            AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted) throw Broken(null);
        }
    }

    /// <summary>Closes the sending side.</summary>
    public ValueTask EndSendingAsync() => transport.EndSendingAsync();

    public ValueTask CloseAsync() => transport.DisposeAsync();

    /// <summary>Returns the failure for a connection that ended too early.</summary>
    public UpstreamException Broken(Exception? why) => HasAnswered
        ? new(UpstreamFailure.Incomplete, "the connection ended before the response was complete", why)
        : new(UpstreamFailure.NoAnswer, "the connection ended without a response", why);
}
