using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Rcomm.Transport.Connections;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel.Overload;

/// <summary>Counts a connection's active requests and records since when it has been idle. A connection feature, so requests can find it.</summary>
internal sealed class ConnectionActivity(ConnectionContext connection)
{
    private const long NotIdle = 0;

    private readonly IFastPathFeature? _fastPath = (IFastPathFeature?)connection.Features[typeof(IFastPathFeature)];
    private int _running;
    private readonly long _openedAt = Environment.TickCount64;
    private long _idleSince = NotIdle;
    private int _hadRequest;
    private int _asked;

    /// <summary>
    /// When the last request ended, as <see cref="Environment.TickCount64"/>; null during a request, before the first, and after
    /// <see cref="TryClose"/>.
    /// </summary>
    public long? IdleSince => Volatile.Read(ref _idleSince) is var since && since != NotIdle && !IsAskedToClose ? since : null;

    /// <summary>
    /// When the connection was opened, as <see cref="Environment.TickCount64"/>, if it has not sent a complete request head; otherwise null.
    /// </summary>
    public long? SilentSince => Volatile.Read(ref _hadRequest) == 0 && !IsAskedToClose ? _openedAt : null;

    /// <summary>Whether <see cref="TryClose"/> was called.</summary>
    public bool IsAskedToClose => Volatile.Read(ref _asked) != 0;

    public void RequestBegins()
    {
        _hadRequest = 1;
        if (Interlocked.Increment(ref _running) == 1) Volatile.Write(ref _idleSince, NotIdle);
    }

    /// <summary>Called if a request isn't answered at once, since it must learn that its client has gone away.</summary>
    public void RequestWaits()
    {
        try
        {
            (connection as EpollConnection)?.WatchReading();
        }
        catch (IOException)
        {
            // The kernel is out of memory; the next read reports it.
        }
    }

    /// <param name="hadBody">True if part of the request may still be in flight.</param>
    public void RequestEnded(bool hadBody)
    {
        if (!hadBody) _fastPath?.ReturnIfNeeded();
        if (Interlocked.Decrement(ref _running) == 0) Volatile.Write(ref _idleSince, Math.Max(1, Environment.TickCount64));
    }

    /// <summary>Returns the connection to the fast path, if it came from there and has been idle for this time.</summary>
    public void ReturnIfIdle(long now, TimeSpan time)
    {
        if (_fastPath is not null && now - IdleSince >= time.TotalMilliseconds) _fastPath.ReturnIdle();
    }

    /// <summary>
    /// Makes Kestrel close the connection, after the answer to any request that has arrived meanwhile. Returns false if that was already requested.
    /// </summary>
    public bool TryClose()
    {
        if (Interlocked.Exchange(ref _asked, 1) != 0) return false;
        // The continuation of the pending read must not run on the accept loop's thread.
        ThreadPool.UnsafeQueueUserWorkItem(static activity => activity.Close(), this, preferLocal: false);
        return true;
    }

    private void Close()
    {
        if (_hadRequest == 0) connection.Abort(new ConnectionAbortedException("It made room for others: no request had come on it."));
        else connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }
}
