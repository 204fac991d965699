using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Rcomm.Listening.Accepting;
using Rcomm.Shared.Linux;
using Rcomm.Transport.Connections;
using Rcomm.Transport.Loop;

namespace Rcomm.Transport.FastPath;

/// <summary>The limits and answers of a listener's connections on the fast path.</summary>
/// <param name="Answers">The answers that are ready. Null for none: a connection then waits on the fast path only for its first bytes.</param>
/// <param name="Heads">Where a partial request head is held until it is complete. Null to hand it to Kestrel immediately.</param>
/// <param name="IdleTimeout">How long a connection may be open without a request.</param>
/// <param name="HeaderTimeout">How long a client may take to send a request head.</param>
/// <param name="MinRate">How fast a client must accept an answer; null for no limit.</param>
internal sealed record FastPathOptions(IReadyAnswers? Answers, IRequestHeads? Heads, TimeSpan IdleTimeout, TimeSpan HeaderTimeout, MinSendRate? MinRate);

/// <summary>One listener's side of the fast path. Accepted connections enter here; those that need Kestrel leave here.</summary>
/// <param name="transport">Where Kestrel's connections run.</param>
/// <param name="options">The limits and answers of its connections.</param>
/// <param name="local">The local address; null if each connection must be asked.</param>
/// <param name="handOver">Hands a connection to Kestrel; false if the listener has ended.</param>
internal sealed class FastPathListener(EpollTransport transport, FastPathOptions options, EndPoint? local, Func<EpollConnection, bool> handOver)
    : IConnectionSink
{
    // The loops never block, so each comes round quickly.
    private static readonly TimeSpan TurnTimeout = TimeSpan.FromMilliseconds(50);
    // Limits how often the loops search for idle connections while clients are turned away.
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);

    private readonly FastPathLoop[] _loops = transport.FastPath;
    private uint _next;
    private long _noneIdleAt = long.MinValue / 2;
    private long _askedAt;
    private volatile bool _ended;

    public IReadyAnswers? Answers => options.Answers;

    public IRequestHeads? Heads => options.Heads;

    /// <summary>In milliseconds.</summary>
    public long IdleTimeout { get; } = (long)options.IdleTimeout.TotalMilliseconds;

    /// <summary>In milliseconds.</summary>
    public long HeaderTimeout { get; } = (long)options.HeaderTimeout.TotalMilliseconds;

    /// <summary>
    /// Makes Kestrel close idle connections. Called on the thread pool when requests wait for a place there. Null if nothing can close any.
    /// </summary>
    public Action? MakePlaces { get; set; }

    public void Accepted(int descriptor, in PeerAddress peer, OpenConnections place) => NextLoop().Add(descriptor, peer, place, this, isServed: false);

    /// <summary>Reports that requests wait for a place in Kestrel.</summary>
    public void RequestPlaces()
    {
        transport.RequestsWait();
        long now = Environment.TickCount64, before = Volatile.Read(ref _askedAt);
        if (MakePlaces is not { } make || now - before < RetryInterval.TotalMilliseconds) return;
        if (Interlocked.CompareExchange(ref _askedAt, now, before) != before) return;
        ThreadPool.UnsafeQueueUserWorkItem(static make => make(), make, preferLocal: false);
    }

    /// <summary>Frees a place in Kestrel, since a connection that was handed over has left.</summary>
    public void ReleasePlace() => transport.KestrelPlaces.Leave();

    /// <summary>Takes back a connection that Kestrel has finished with.</summary>
    public void TakeBack(AcceptedConnection accepted)
    {
        if (_ended) accepted.Dispose();
        else if (accepted.Detach(out PeerAddress peer, out OpenConnections? place) is >= 0 and int descriptor)
            NextLoop().Add(descriptor, peer, place!, this, isServed: true);
    }

    /// <summary>Hands a connection to Kestrel.</summary>
    /// <param name="accepted">The connection.</param>
    /// <param name="received">The bytes received and not answered.</param>
    /// <param name="number">
    /// The number of the loop that it comes from. It goes to the event loop with the same number, so that connections stay evenly spread.
    /// </param>
    /// <param name="epoll">Where it is registered. Most connections leave this to the kernel, which removes a descriptor that is closed.</param>
    public void HandOver(AcceptedConnection accepted, ReadOnlySpan<byte> received, int number, EpollInstance epoll)
    {
        // All come from one loop then (NextLoop). Their descriptors follow the order in which they were accepted.
        if (Answers is null) number = (int)(accepted.DangerousGetHandle() % _loops.Length);
        EpollConnection connection = transport.Create(accepted, local, number, this, received);
        connection.Watch.Former = epoll;
        HandOver(connection);
    }

    /// <summary>Sends what the kernel did not take, then closes the connection or hands it to Kestrel.</summary>
    public void FinishSending(AcceptedConnection accepted, ReadOnlySpan<byte> rest, bool closes, ReadOnlySpan<byte> received)
    {
        // The answer has begun, so this connection must not wait for a place.
        transport.KestrelPlaces.Enter();
        EpollConnection connection = transport.Create(accepted, local, null, this, received);
        connection.Transport.Output.Write(rest);
        _ = FinishSendingAsync(connection, rest.Length, closes);
    }

    /// <summary>Closes idle connections, hands over the others and takes none back. Call it once no more connections are accepted.</summary>
    public Task EndAsync()
    {
        _ended = true;
        return Task.WhenAll(_loops.Select(loop => loop.EndAsync(this)));
    }

    /// <summary>Closes the longest-idle connections to make room for new ones, and returns how many. Waits until each loop has done so.</summary>
    public int CloseLongestIdle()
    {
        if (Environment.TickCount64 - _noneIdleAt < RetryInterval.TotalMilliseconds) return 0;
        int each = Math.Max(1, IdleEviction.MaxClosedAtOnce / _loops.Length);
        Task<int>[] closed = [.. _loops.Select(loop => loop.CloseLongestIdleAsync(each))];
        Task.WaitAll(closed, TurnTimeout);
        int count = closed.Sum(task => task.IsCompletedSuccessfully ? task.Result : 0);
        if (count == 0) _noneIdleAt = Environment.TickCount64;
        return count;
    }

    private async Task FinishSendingAsync(EpollConnection connection, int length, bool closes)
    {
        using var limit = new CancellationTokenSource(options.MinRate?.TimeFor(length) ?? Timeout.InfiniteTimeSpan);
        try
        {
            FlushResult flushed = await connection.Transport.Output.FlushAsync(limit.Token);
            if (closes || flushed.IsCompleted) await connection.DisposeAsync();
            else HandOver(connection);
        }
        catch (OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException("The client reads its response too slowly."));
            await connection.DisposeAsync();
        }
    }

    private void HandOver(EpollConnection connection)
    {
        if (!handOver(connection)) _ = connection.DisposeAsync().AsTask();
    }

    // Without ready answers each connection soon goes to Kestrel, which queues it to the thread pool: a second loop there wakes threads more often.
    private FastPathLoop NextLoop() => Answers is null ? _loops[0] : _loops[_next++ % (uint)_loops.Length];
}
