using System.Net.Sockets;

namespace Rcomm.Listening;

/// <summary>
/// Accepts the connections of one listening socket on a thread of its own, so that the kernel's queue is emptied promptly
/// however busy the thread pool is.
/// </summary>
public sealed class AcceptLoop : IDisposable
{
    private static readonly TimeSpan RestWhenOutOfResources = TimeSpan.FromMilliseconds(20);

    private readonly QueueAcceptor _acceptor;
    private readonly Action<Socket> _accepted;
    private readonly Action<AcceptTrouble> _trouble;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AcceptPause? _pause;
    private volatile bool _draining;

    /// <summary>A loop for the socket; it begins at <see cref="Start"/>.</summary>
    /// <param name="socket">The listening socket; it stays the caller's to dispose, after the loop has ended.</param>
    /// <param name="accepted">Takes each connection over. Called on the loop's thread: it must return at once.</param>
    /// <param name="trouble">Told once when accepting fails, and once when it goes on. Called on the loop's thread.</param>
    public AcceptLoop(ListenSocket socket, Action<Socket> accepted, Action<AcceptTrouble> trouble)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(accepted);
        ArgumentNullException.ThrowIfNull(trouble);
        _acceptor = QueueAcceptor.For(socket);
        _accepted = accepted;
        _trouble = trouble;
        _thread = new Thread(Run) { IsBackground = true, Name = $"accept {socket.Address}" };
    }

    /// <summary>Ends when the loop has: after a drain, or because the socket no longer accepts.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Begins to accept.</summary>
    public void Start() => _thread.Start();

    /// <summary>
    /// Accepts what still waits until the queue is empty, then ends the loop. The socket stays open. While the system lacks
    /// descriptors or memory it keeps trying; waiting for the task with a time limit is the caller's part.
    /// </summary>
    public Task DrainAsync()
    {
        _draining = true;
        _acceptor.Wake();
        return Ended;
    }

    /// <summary>Frees what the loop holds; call it once <see cref="Ended"/> has completed.</summary>
    public void Dispose()
    {
        if (Ended.IsCompleted) _acceptor.Dispose();
    }

    private void Run()
    {
        try
        {
            bool accepting;
            do
            {
                _acceptor.WaitForConnection();
                // Read before the queue is emptied: what arrives after the last accept is the next listener's, or the next round's.
                bool last = _draining;
                accepting = EmptyQueue() && !last;
            }
            while (accepting);
            _ended.SetResult();
        }
        catch (Exception e)
        {
            _ended.SetException(e);
        }
    }

    private bool EmptyQueue()
    {
        while (true)
        {
            AcceptResult result = _acceptor.Accept();
            switch (result.Outcome)
            {
                case AcceptOutcome.Accepted:
                    GoOn();
                    _accepted(result.Connection!);
                    break;
                case AcceptOutcome.TryNext:
                    break;
                case AcceptOutcome.QueueEmpty:
                    return true;
                case AcceptOutcome.OutOfResources:
                    Pause(result.Error!);
                    break;
                default:
                    _trouble(new AcceptTrouble(AcceptTroubleKind.Broken, result.Error!, null));
                    return false;
            }
        }
    }

    private void Pause(string error)
    {
        if (_pause is null)
        {
            _pause = new AcceptPause(error, TimeProvider.System.GetTimestamp());
            _trouble(new AcceptTrouble(AcceptTroubleKind.Paused, error, null));
        }
        // While draining, Wake() ends every rest at once, and the loop must not spin.
        if (_draining) Thread.Sleep(RestWhenOutOfResources);
        else _acceptor.Rest(RestWhenOutOfResources);
    }

    private void GoOn()
    {
        if (_pause is not { } pause) return;
        _pause = null;
        _trouble(new AcceptTrouble(AcceptTroubleKind.GoesOn, pause.Error, TimeProvider.System.GetElapsedTime(pause.Since)));
    }

    private sealed record AcceptPause(string Error, long Since);
}
