namespace Rcomm.Proxy.Http1;

/// <summary>The connections to one upstream: those that wait for a request, and those that have one.</summary>
internal sealed class ConnectionPool(UpstreamConnector connector, bool isNamed) : IDisposable
{
    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(60);
    // An upstream that is known by its name may be elsewhere by now.
    private static readonly TimeSpan MaxAgeOfNamed = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Stack<UpstreamConnection> _idle = new();
    private readonly HashSet<UpstreamConnection> _busy = [];
    private bool _isClosed;

    /// <summary>A connection, of those that are open where there is one.</summary>
    /// <exception cref="UpstreamException">There is none.</exception>
    public async ValueTask<UpstreamConnection> TakeAsync(CancellationToken cancellationToken)
    {
        while (TakeIdle() is { } idle)
        {
            if (!IsTooOld(idle) && !idle.HasEnded) return idle;
            await DropAsync(idle);
        }
        UpstreamConnection opened = await connector.ConnectAsync(cancellationToken);
        lock (_lock) _busy.Add(opened);
        return opened;
    }

    /// <summary>Gives a connection back whose answer was read to its end.</summary>
    public ValueTask GiveBackAsync(UpstreamConnection connection)
    {
        connection.Expect(TimeSpan.Zero);
        connection.UsedAt = Environment.TickCount64;
        connection.IsReused = true;
        connection.HasAnswered = false;
        bool isKept;
        lock (_lock)
        {
            isKept = _busy.Remove(connection) && !_isClosed;
            if (isKept) _idle.Push(connection);
        }
        return isKept ? default : connection.CloseAsync();
    }

    /// <summary>Closes a connection that can't be used again.</summary>
    public ValueTask DropAsync(UpstreamConnection connection)
    {
        lock (_lock) _busy.Remove(connection);
        return connection.CloseAsync();
    }

    /// <summary>Ends what has waited for too long; to be called again and again.</summary>
    public void Sweep()
    {
        long now = Environment.TickCount64;
        UpstreamConnection[] busy;
        List<UpstreamConnection> old;
        lock (_lock)
        {
            busy = [.. _busy];
            old = [.. _idle.Where(idle => now - idle.UsedAt > MaxIdle.TotalMilliseconds || IsTooOld(idle))];
            UpstreamConnection[] left = [.. _idle.Except(old).Reverse()];
            _idle.Clear();
            foreach (UpstreamConnection idle in left) _idle.Push(idle);
        }
        foreach (UpstreamConnection one in busy) one.CheckDeadline(now);
        foreach (UpstreamConnection idle in old) _ = idle.CloseAsync().AsTask();
    }

    public void Dispose()
    {
        UpstreamConnection[] idle;
        lock (_lock)
        {
            _isClosed = true;
            idle = [.. _idle];
            _idle.Clear();
        }
        foreach (UpstreamConnection one in idle) _ = one.CloseAsync().AsTask();
    }

    private UpstreamConnection? TakeIdle()
    {
        lock (_lock)
        {
            if (!_idle.TryPop(out UpstreamConnection? idle)) return null;
            _busy.Add(idle);
            return idle;
        }
    }

    private bool IsTooOld(UpstreamConnection connection) => isNamed && Environment.TickCount64 - connection.OpenedAt > MaxAgeOfNamed.TotalMilliseconds;
}
