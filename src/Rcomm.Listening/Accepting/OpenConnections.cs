using Rcomm.Listening.Monitoring;

namespace Rcomm.Listening.Accepting;

/// <summary>The connections of one listen queue that are open: their number, their places in the limit, and how many of them are served.</summary>
public sealed class OpenConnections
{
    private readonly QueueMonitor _monitor;
    private readonly ConnectionLimit? _limit;
    private int _count;
    private TaskCompletionSource? _noneLeft;

    internal OpenConnections(QueueMonitor monitor, ConnectionLimit? limit) => (_monitor, _limit) = (monitor, limit);

    /// <summary>How many are open now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts one that has a place in the limit, until <see cref="Leave"/>.</summary>
    internal void Enter() => Interlocked.Increment(ref _count);

    /// <summary>The server has begun to work on one.</summary>
    public void Served() => _monitor.Served();

    /// <summary>One that was served waits for somebody else to work on it.</summary>
    public void NotServed() => _monitor.NotServed();

    /// <summary>One has ended.</summary>
    public void Leave()
    {
        _limit?.Leave();
        if (Interlocked.Decrement(ref _count) == 0) Volatile.Read(ref _noneLeft)?.TrySetResult();
    }

    /// <summary>Returns once none is open, or after the time; for when no more are accepted.</summary>
    /// <param name="atMost">The time.</param>
    public async Task WaitUntilNoneAsync(TimeSpan atMost)
    {
        var noneLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _noneLeft, noneLeft);
        if (Count > 0) await Task.WhenAny(noneLeft.Task, Task.Delay(atMost));
    }
}
