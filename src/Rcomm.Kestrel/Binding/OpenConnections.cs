using Microsoft.AspNetCore.Connections;
using Rcomm.Listening.Accepting;

namespace Rcomm.Kestrel.Binding;

/// <summary>Counts the connections of one listener that are open.</summary>
internal sealed class OpenConnections
{
    private readonly Action<object?> _ended;
    private readonly ConnectionLimit? _limit;
    private int _open;
    private TaskCompletionSource? _noneLeft;

    /// <param name="limit">Told of each that ends; null for none.</param>
    public OpenConnections(ConnectionLimit? limit)
    {
        _ended = _ => Ended();
        _limit = limit;
    }

    /// <summary>Counts a connection until it is closed.</summary>
    public void Add(ConnectionContext connection)
    {
        Interlocked.Increment(ref _open);
        connection.ConnectionClosed.UnsafeRegister(_ended, null);
    }

    /// <summary>Returns once none is open, or after the time; for when no more are added.</summary>
    public async Task WaitUntilNoneAsync(TimeSpan atMost)
    {
        var noneLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _noneLeft, noneLeft);
        if (Volatile.Read(ref _open) > 0) await Task.WhenAny(noneLeft.Task, Task.Delay(atMost));
    }

    private void Ended()
    {
        _limit?.Leave();
        if (Interlocked.Decrement(ref _open) == 0) Volatile.Read(ref _noneLeft)?.TrySetResult();
    }
}
