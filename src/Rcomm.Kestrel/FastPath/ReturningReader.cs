using System.IO.Pipelines;

namespace Rcomm.Kestrel.FastPath;

/// <summary>
/// What Kestrel's HTTP reads of a connection. Once the connection is to return, and nothing more has come, it reads an end: an empty one between two
/// requests ends its part cleanly.
/// </summary>
internal sealed class ReturningReader(PipeReader input) : PipeReader
{
    /// <summary>Whether the connection is to return as soon as the request that is being answered is.</summary>
    public bool Returns { get; set; }

    /// <summary>True once Kestrel's HTTP has read the end.</summary>
    public bool HasReturned { get; private set; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!Returns && !HasReturned) return input.ReadAsync(cancellationToken);
        if (!HasReturned && input.TryRead(out ReadResult read))
        {
            // The next request is there, and Kestrel's to read to its end.
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
