using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Rcomm.Listening.Accepting;
using Rcomm.Transport.Connections;
using Rcomm.Transport.Loop;

namespace Rcomm.Transport.FastPath;

/// <summary>What a listener's connections may take on the fast path.</summary>
/// <param name="Answers">
/// The answers that are ready; null for none: then a connection waits on the fast path for its first bytes, and Kestrel has it from there
/// on.
/// </param>
/// <param name="Heads">Where a head that comes in part is held until it is whole; null where Kestrel has it at once.</param>
/// <param name="IdleTimeout">How long a connection may be open without a request.</param>
/// <param name="HeaderTimeout">How long a client may take for a request head.</param>
/// <param name="MinRate">Bytes a second at which a client must take an answer, after the first 5 s; 0 for no limit.</param>
internal sealed record FastPathOptions(IReadyAnswers? Answers, IRequestHeads? Heads, TimeSpan IdleTimeout, TimeSpan HeaderTimeout, int MinRate);

/// <summary>One listener's side of the fast path: its connections come in here, and those that need Kestrel leave here.</summary>
/// <param name="transport">Where Kestrel's connections run.</param>
/// <param name="options">What its connections may take.</param>
/// <param name="local">Our address; null where a connection must be asked.</param>
/// <param name="handOver">Gives a connection to Kestrel; false where the listener has ended.</param>
internal sealed class FastPathListener(EpollTransport transport, FastPathOptions options, EndPoint? local, Func<EpollConnection, bool> handOver)
    : IConnectionSink
{
    // As Kestrel's for the rate of answers.
    private static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    private const int MaxClosedAtOnce = 64;
    // The loops don't wait for anything: a turn of theirs is short.
    private static readonly TimeSpan TurnTimeout = TimeSpan.FromMilliseconds(50);
    // Connections that are turned away must not make the loops look for idle ones each time.
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

    /// <summary>Has Kestrel close connections that are idle; called on the thread pool when requests wait for a place there. Null where nobody can.</summary>
    public Action? MakePlaces { get; set; }

    public void Accepted(int descriptor, in PeerAddress peer, OpenConnections place) => NextLoop().Add(descriptor, peer, place, this, isServed: false);

    /// <summary>Says that requests wait for a place in Kestrel.</summary>
    public void AskForPlaces()
    {
        transport.RequestsWait();
        long now = Environment.TickCount64, before = Volatile.Read(ref _askedAt);
        if (MakePlaces is not { } make || now - before < RetryInterval.TotalMilliseconds) return;
        if (Interlocked.CompareExchange(ref _askedAt, now, before) != before) return;
        ThreadPool.UnsafeQueueUserWorkItem(static make => make(), make, preferLocal: false);
    }

    /// <summary>A connection that was handed over is no longer Kestrel's.</summary>
    public void Left() => transport.KestrelPlaces.Leave();

    /// <summary>Takes a connection back that Kestrel has nothing more to do for.</summary>
    public void TakeBack(AcceptedConnection accepted)
    {
        if (_ended) accepted.Dispose();
        else if (accepted.Detach(out PeerAddress peer, out OpenConnections? place) is >= 0 and int descriptor)
            NextLoop().Add(descriptor, peer, place!, this, isServed: true);
    }

    /// <summary>Gives a connection to Kestrel.</summary>
    /// <param name="accepted">The connection.</param>
    /// <param name="received">What came on it and was not answered.</param>
    /// <param name="number">
    /// The number of the loop that it comes from: it goes to the event loop of the same number, so that connections stay spread as they
    /// were.
    /// </param>
    public void HandOver(AcceptedConnection accepted, ReadOnlySpan<byte> received, int number) =>
        HandOver(transport.Create(accepted, local, number, this, received));

    /// <summary>Sends what the kernel did not take at once, then closes the connection or gives it to Kestrel.</summary>
    public void FinishSending(AcceptedConnection accepted, ReadOnlySpan<byte> rest, bool closes, ReadOnlySpan<byte> received)
    {
        // It is under way already.
        transport.KestrelPlaces.Enter();
        EpollConnection connection = transport.Create(accepted, local, null, this, received);
        connection.Transport.Output.Write(rest);
        _ = FinishSendingAsync(connection, rest.Length, closes);
    }

    /// <summary>Closes the connections on which nothing happens, hands over the others, and takes none back; for when no more are accepted.</summary>
    public Task EndAsync()
    {
        _ended = true;
        return Task.WhenAll(_loops.Select(loop => loop.EndAsync(this)));
    }

    /// <summary>Closes connections that are idle longest, to make room for new ones, and tells how many. It waits for a turn of each loop.</summary>
    public int CloseLongestIdle()
    {
        if (Environment.TickCount64 - _noneIdleAt < RetryInterval.TotalMilliseconds) return 0;
        int each = Math.Max(1, MaxClosedAtOnce / _loops.Length);
        Task<int>[] closed = [.. _loops.Select(loop => loop.CloseLongestIdleAsync(each))];
        Task.WaitAll(closed, TurnTimeout);
        int count = closed.Sum(task => task.IsCompletedSuccessfully ? task.Result : 0);
        if (count == 0) _noneIdleAt = Environment.TickCount64;
        return count;
    }

    private async Task FinishSendingAsync(EpollConnection connection, int length, bool closes)
    {
        using var limit = new CancellationTokenSource(options.MinRate == 0
            ? Timeout.InfiniteTimeSpan
            : RateGrace + TimeSpan.FromSeconds((double)length / options.MinRate));
        try
        {
            FlushResult flushed = await connection.Transport.Output.FlushAsync(limit.Token);
            if (closes || flushed.IsCompleted) await connection.DisposeAsync();
            else HandOver(connection);
        }
        catch (OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException("The client takes its answer too slowly."));
            await connection.DisposeAsync();
        }
    }

    private void HandOver(EpollConnection connection)
    {
        if (!handOver(connection)) _ = connection.DisposeAsync().AsTask();
    }

    private FastPathLoop NextLoop() => _loops[_next++ % (uint)_loops.Length];
}
