using System.Buffers;
using System.IO.Pipelines;

namespace Rcomm.Tests.Server;

/// <summary>
/// Reads a pipe in memory as a socket is read: the end is a read of its own, never part of a read that has new bytes. Kestrel closes without a response
/// if the end comes with a body.
/// </summary>
internal sealed class MemoryReader(PipeReader input) : PipeReader
{
    private ReadOnlySequence<byte> _shown;
    private long _examined;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => Show(await input.ReadAsync(cancellationToken));

    public override bool TryRead(out ReadResult result)
    {
        if (!input.TryRead(out result)) return false;
        result = Show(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _examined = _shown.Slice(consumed, examined).Length;
        input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    private ReadResult Show(ReadResult read)
    {
        _shown = read.Buffer;
        return new(_shown, read.IsCanceled, read.IsCompleted && _shown.Length == _examined);
    }
}
