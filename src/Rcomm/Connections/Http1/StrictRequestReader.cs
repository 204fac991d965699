using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Rcomm.Connections.Http1;

/// <summary>
/// What Kestrel reads from a connection. In place of a malformed line it reads one that it refuses itself, so that the response, 400 and the end of the
/// connection, follows the responses to earlier requests.
/// </summary>
internal sealed class StrictRequestReader(PipeReader input) : PipeReader
{
    private readonly RequestGrammar _grammar = new();
    private ReadOnlySequence<byte> _all;
    private ReadOnlySequence<byte> _shown;
    private long _checked;
    private bool _isRefused;

    // Malformed at the start of any line: a request line, a field, a chunk's size.
    private static ReadOnlySpan<byte> Refused => "\0\r\n\r\n"u8;

    /// <summary>Stops checking: a request for another protocol was accepted.</summary>
    public void Leave() => _grammar.Leave();

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_isRefused) return new(new ReadResult(_shown, isCanceled: false, isCompleted: true));
        ValueTask<ReadResult> read = input.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new(Check(read.Result)) : CheckWhenReadAsync(read);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_isRefused)
        {
            result = new(_shown, isCanceled: false, isCompleted: true);
            return true;
        }
        if (!input.TryRead(out result)) return false;
        result = Check(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_isRefused)
        {
            _shown = _shown.Slice(consumed);
            return;
        }
        _checked -= _shown.Slice(0, consumed).Length;
        // A reader that has examined everything shown waits for more than the hidden part.
        input.AdvanceTo(consumed, _shown.Slice(examined).IsEmpty ? _all.End : examined);
        _all = _shown = default;
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => input.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> CheckWhenReadAsync(ValueTask<ReadResult> read) => Check(await read);

    private ReadResult Check(ReadResult read)
    {
        _all = read.Buffer;
        bool isRight = _grammar.TryCheck(_all.Slice(_checked), out long good);
        _checked += good;
        if (isRight)
        {
            _shown = _grammar.IsHidden(_all.Slice(_checked)) ? _all.Slice(0, _checked) : _all;
            return new(_shown, read.IsCanceled, read.IsCompleted);
        }

        byte[] instead = new byte[_checked + Refused.Length];
        _all.Slice(0, _checked).CopyTo(instead);
        Refused.CopyTo(instead.AsSpan((int)_checked));
        input.AdvanceTo(_all.End);
        (_isRefused, _shown) = (true, new ReadOnlySequence<byte>(instead));
        return new(_shown, read.IsCanceled, isCompleted: true);
    }
}
