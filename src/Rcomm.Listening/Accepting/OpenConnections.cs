using Rcomm.Listening.Monitoring;

namespace Rcomm.Listening.Accepting;

/// <summary>The open connections of one listen queue: their number, their places in the limit, and how many of them are served.</summary>
public sealed class OpenConnections
{
    private readonly QueueMonitor _monitor;
    private readonly ConnectionLimit? _limit;
    private int _count;
    private TaskCompletionSource? _noneLeft;

    internal OpenConnections(QueueMonitor monitor, ConnectionLimit? limit) => (_monitor, _limit) = (monitor, limit);

    /// <summary>Gets how many connections are open.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts a connection that has a place in the limit, until <see cref="Leave"/>.</summary>
    internal void Enter() => Interlocked.Increment(ref _count);

    /// <summary>Counts a connection that the server has begun to work on.</summary>
    public void Served() => _monitor.Served();

    /// <summary>Counts a served connection as waiting again.</summary>
    public void NotServed() => _monitor.NotServed();

    /// <summary>Counts a connection that has ended, and gives up its place.</summary>
    public void Leave()
    {
        _limit?.Leave();
        if (Interlocked.Decrement(ref _count) == 0) Volatile.Read(ref _noneLeft)?.TrySetResult();
    }

    /// <summary>Waits until no connection is open or the time is over. Call it once no more connections are accepted.</summary>
    /// <param name="atMost">The longest time to wait.</param>
    public async Task WaitUntilNoneAsync(TimeSpan atMost)
    {
        var noneLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _noneLeft, noneLeft);
        if (Count > 0) await Task.WhenAny(noneLeft.Task, Task.Delay(atMost));
    }
}
