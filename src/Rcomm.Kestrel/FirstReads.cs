using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Rcomm.Kestrel;

/// <summary>Counts the connections that have been accepted and not yet read from.</summary>
internal sealed class FirstReads
{
    private int _awaited;
    private TaskCompletionSource? _allHappened;

    /// <summary>The same connection, counted until its first read comes back.</summary>
    public ConnectionContext Watch(ConnectionContext connection)
    {
        Interlocked.Increment(ref _awaited);
        connection.Transport = new WatchedPipe(connection.Transport, this);
        return connection;
    }

    /// <summary>Returns once no connection waits for its first read, or after the time.</summary>
    public async Task WaitUntilAllHappenedAsync(TimeSpan atMost)
    {
        var allHappened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _allHappened, allHappened);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _awaited) == 0) return;
        await Task.WhenAny(allHappened.Task, Task.Delay(atMost));
    }

    private void Happened()
    {
        if (Interlocked.Decrement(ref _awaited) == 0) Volatile.Read(ref _allHappened)?.TrySetResult();
    }

    private sealed class WatchedPipe(IDuplexPipe pipe, FirstReads firstReads) : PipeReader, IDuplexPipe
    {
        private readonly PipeReader _input = pipe.Input;
        private int _happened;

        public PipeReader Input => this;

        public PipeWriter Output => pipe.Output;

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            _happened == 1 ? _input.ReadAsync(cancellationToken) : FirstReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result)
        {
            bool read = _input.TryRead(out result);
            if (read) Happened();
            return read;
        }

        public override void AdvanceTo(SequencePosition consumed) => _input.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _input.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => _input.CancelPendingRead();

        public override void Complete(Exception? exception = null)
        {
            Happened();
            _input.Complete(exception);
        }

        private async ValueTask<ReadResult> FirstReadAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await _input.ReadAsync(cancellationToken);
            }
            finally
            {
                Happened();
            }
        }

        private void Happened()
        {
            if (Interlocked.Exchange(ref _happened, 1) == 0) firstReads.Happened();
        }
    }
}
