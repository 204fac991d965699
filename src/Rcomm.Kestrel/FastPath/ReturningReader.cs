using System.IO.Pipelines;

namespace Rcomm.Kestrel.FastPath;

/// <summary>
/// What Kestrel's HTTP reads from a connection. When the connection is to return and nothing more has arrived, it reports the end of input: between
/// two requests, Kestrel's HTTP then finishes cleanly.
/// </summary>
internal sealed class ReturningReader(PipeReader input) : PipeReader
{
    /// <summary>Whether the connection returns once the current request is answered.</summary>
    public bool Returns { get; set; }

    /// <summary>Whether Kestrel's HTTP has read the end of input.</summary>
    public bool HasReturned { get; private set; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!Returns && !HasReturned) return input.ReadAsync(cancellationToken);
        if (!HasReturned && input.TryRead(out ReadResult read))
        {
            // The next request has arrived, so Kestrel reads on.
            Returns = false;
            return new(read);
        }
        HasReturned = true;
        return new(new ReadResult(default, isCanceled: false, isCompleted: true));
    }

    public override bool TryRead(out ReadResult result) => input.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!HasReturned) input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        if (!HasReturned) input.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null)
    {
        if (!HasReturned) input.Complete(exception);
    }
}
