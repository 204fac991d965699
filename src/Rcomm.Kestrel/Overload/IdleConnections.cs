using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Rcomm.Shared.Logging;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel.Overload;

/// <summary>
/// Closes the connections that have been idle longest, or silent since they were opened, when others wait for a place or a descriptor. A browser that
/// keeps a connection for its next click must not lock everyone else out. It can open another one (RFC 9112, section 9.3).
/// </summary>
internal sealed partial class IdleConnections : IDisposable
{
    // How long connections that were asked to close are given before others are asked.
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(1);

    // Kestrel keeps about 8 KiB for a connection, the fast path a tenth of that. Going there and back costs about as much as a request.
    private static readonly TimeSpan ReturnTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReturnInterval = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger;
    private readonly Timer _returning;
    private readonly ConcurrentDictionary<ConnectionActivity, byte> _open = [];
    private readonly Lock _closing = new();
    private readonly LogThrottle _log = new(TimeSpan.FromMinutes(1));
    private int _left;
    private long _lastClosed;

    public IdleConnections(ILogger<IdleConnections> logger)
    {
        _logger = logger;
        _returning = new Timer(_ => ReturnIdle(), null, ReturnInterval, ReturnInterval);
    }

    /// <summary>Tracks a connection until it is closed.</summary>
    public void Add(ConnectionContext connection)
    {
        var activity = new ConnectionActivity(connection);
        connection.Features[typeof(ConnectionActivity)] = activity;
        _open.TryAdd(activity, 0);
        connection.ConnectionClosed.UnsafeRegister(_ =>
        {
            _open.TryRemove(activity, out byte _);
            if (activity.IsAskedToClose) Interlocked.Decrement(ref _left);
        }, null);
    }

    /// <summary>
    /// Closes the connections that have been idle longest. Returns true if some are about to be closed. Called by the accept loops when a waiting
    /// connection can't be accepted.
    /// </summary>
    /// <param name="closeOthers">Closes idle connections outside Kestrel and returns how many; null if there are none.</param>
    public bool TryMakeRoom(Func<int>? closeOthers = null)
    {
        lock (_closing)
        {
            long now = Environment.TickCount64;
            if (Volatile.Read(ref _left) > 0 && now - _lastClosed < CloseTime.TotalMilliseconds) return true;

            int asked = CloseOldest(now, IdleEviction.MinIdleTime, connection => connection.IdleSince);
            int closed = asked == 0 && closeOthers is not null ? closeOthers() : 0;
            if (asked + closed == 0) asked = CloseOldest(now, IdleEviction.MinSilentTime, connection => connection.SilentSince);
            Volatile.Write(ref _left, asked);
            _lastClosed = now;
            closed += asked;
            if (closed > 0 && _log.TryTake(closed, out long count)) Closed(count);
            return closed > 0;
        }
    }

    public void Dispose() => _returning.Dispose();

    private void ReturnIdle()
    {
        long now = Environment.TickCount64;
        foreach ((ConnectionActivity connection, _) in _open) connection.ReturnIfIdle(now, ReturnTime);
    }

    private int CloseOldest(long now, TimeSpan minTime, Func<ConnectionActivity, long?> since) => _open.Keys
        .Select(connection => (Connection: connection, Since: since(connection)))
        .Where(one => now - one.Since >= minTime.TotalMilliseconds)
        .OrderBy(one => one.Since)
        .Take(IdleEviction.MaxClosedAtOnce)
        .Count(one => one.Connection.TryClose());

    [LoggerMessage(114, LogLevel.Warning, "The limit of open connections or files is reached: {Count} idle connections were closed to make room for new ones.")]
    private partial void Closed(long count);
}
