using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel.Overload;

/// <summary>How many requests of a connection run, and since when it has been idle. A feature of the connection, which its requests find.</summary>
internal sealed class ConnectionActivity(ConnectionContext connection)
{
    private const long NotIdle = 0;

    private readonly IFastPathFeature? _fastPath = connection.Features.Get<IFastPathFeature>();
    private int _running;
    private readonly long _openedAt = Environment.TickCount64;
    private long _idleSince = NotIdle;
    private int _hadRequest;
    private int _asked;

    /// <summary>
    /// When its last request ended, in <see cref="Environment.TickCount64"/>; null while one runs, before the first, and once it was asked
    /// to close.
    /// </summary>
    public long? IdleSince => Volatile.Read(ref _idleSince) is var since && since != NotIdle && !IsAskedToClose ? since : null;

    /// <summary>When it was opened, in <see cref="Environment.TickCount64"/>, where it has not sent a whole request head yet; else null.</summary>
    public long? SilentSince => Volatile.Read(ref _hadRequest) == 0 && !IsAskedToClose ? _openedAt : null;

    /// <summary>True once <see cref="TryClose"/> was called.</summary>
    public bool IsAskedToClose => Volatile.Read(ref _asked) != 0;

    public void RequestBegins()
    {
        _hadRequest = 1;
        if (Interlocked.Increment(ref _running) == 1) Volatile.Write(ref _idleSince, NotIdle);
    }

    /// <param name="hadBody">True where a part of the request may still be on the way.</param>
    public void RequestEnded(bool hadBody)
    {
        if (!hadBody) _fastPath?.ReturnIfNeeded();
        if (Interlocked.Decrement(ref _running) == 0) Volatile.Write(ref _idleSince, Math.Max(1, Environment.TickCount64));
    }

    /// <summary>Has the connection go back to the fast path, where it came from there and has been idle for some time.</summary>
    public void ReturnIfIdle(long now, TimeSpan time)
    {
        if (_fastPath is not null && now - IdleSince >= time.TotalMilliseconds) _fastPath.ReturnIdle();
    }

    /// <summary>Has Kestrel close the connection, after the answer to a request that has come meanwhile. False where that was asked for already.</summary>
    public bool TryClose()
    {
        if (Interlocked.Exchange(ref _asked, 1) != 0) return false;
        // What waits for the connection's next request goes on with its end, which is not the accept loop's work.
        ThreadPool.UnsafeQueueUserWorkItem(static activity => activity.Close(), this, preferLocal: false);
        return true;
    }

    private void Close()
    {
        if (_hadRequest == 0) connection.Abort(new ConnectionAbortedException("It made room for others: no request had come on it."));
        else connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }
}
