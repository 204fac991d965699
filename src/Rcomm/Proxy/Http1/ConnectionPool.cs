using Rcomm.Transport.Connections;

namespace Rcomm.Proxy.Http1;

/// <summary>The connections to one upstream, idle and in use.</summary>
internal sealed class ConnectionPool(UpstreamConnector connector, bool isNamed) : IDisposable
{
    /// <summary>How long a connection is used if the upstream has a host name, whose address may change.</summary>
    public static readonly TimeSpan MaxAgeOfNamed = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly HashSet<UpstreamConnection> _open = [];
    // The idle connections of each event loop, most recently used last.
    private readonly List<UpstreamConnection>[] _idle = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new List<UpstreamConnection>())];
    private bool _isClosed;

    /// <summary>Takes an idle connection; returns null if there is none.</summary>
    /// <param name="loop">The preferred event loop.</param>
    /// <param name="isExact">True if the request can't be repeated, so that the connection must still be open.</param>
    public UpstreamConnection? TakeIdle(int loop, bool isExact)
    {
        while (Pop(loop) is { } idle)
        {
            if (!IsTooOld(idle) && !idle.IsOver(isExact)) return idle;
            _ = DropAsync(idle).AsTask();
        }
        return null;
    }

    /// <summary>Opens a connection.</summary>
    /// <param name="outgoing">The preferred event loop; null for none.</param>
    /// <exception cref="UpstreamException">The upstream can't be reached.</exception>
    public async Task<UpstreamConnection> ConnectAsync(IOutgoingFeature? outgoing, CancellationToken cancellationToken)
    {
        UpstreamConnection opened = await connector.ConnectAsync(outgoing, cancellationToken);
        lock (_lock) _open.Add(opened);
        return opened;
    }

    /// <summary>Returns a connection whose response was read to its end.</summary>
    public ValueTask GiveBackAsync(UpstreamConnection connection)
    {
        connection.Expect(TimeSpan.Zero);
        connection.UsedAt = Environment.TickCount64;
        connection.HasAnswered = false;
        bool isKept;
        lock (_lock)
        {
            isKept = !_isClosed;
            if (isKept) _idle[connection.Loop].Add(connection);
        }
        return isKept ? default : DropAsync(connection);
    }

    /// <summary>Closes a connection that can't be reused.</summary>
    public ValueTask DropAsync(UpstreamConnection connection)
    {
        lock (_lock) _open.Remove(connection);
        return connection.CloseAsync();
    }

    /// <summary>Ends what has waited for too long. Call it periodically.</summary>
    public void Sweep()
    {
        long now = Environment.TickCount64;
        UpstreamConnection[] open;
        List<UpstreamConnection> old = [];
        lock (_lock)
        {
            open = [.. _open];
            foreach (List<UpstreamConnection> idle in _idle)
            {
                old.AddRange(idle.Where(IsOld));
                idle.RemoveAll(IsOld);
            }
        }
        foreach (UpstreamConnection one in open) one.CheckDeadline(now);
        foreach (UpstreamConnection idle in old) _ = DropAsync(idle).AsTask();

        bool IsOld(UpstreamConnection idle) => now - idle.UsedAt > MaxIdle.TotalMilliseconds || IsTooOld(idle);
    }

    public void Dispose()
    {
        UpstreamConnection[] idle;
        lock (_lock)
        {
            _isClosed = true;
            idle = [.. _idle.SelectMany(one => one)];
            foreach (List<UpstreamConnection> one in _idle) one.Clear();
        }
        foreach (UpstreamConnection one in idle) _ = DropAsync(one).AsTask();
    }

    private UpstreamConnection? Pop(int loop)
    {
        lock (_lock)
        {
            for (int i = 0; i < _idle.Length; i++)
            {
                List<UpstreamConnection> idle = _idle[(loop + i) % _idle.Length];
                if (idle.Count == 0) continue;
                UpstreamConnection last = idle[^1];
                idle.RemoveAt(idle.Count - 1);
                return last;
            }
            return null;
        }
    }

    private bool IsTooOld(UpstreamConnection connection) => isNamed && Environment.TickCount64 - connection.OpenedAt > MaxAgeOfNamed.TotalMilliseconds;
}
