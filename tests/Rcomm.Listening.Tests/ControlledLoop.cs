using System.Collections.Concurrent;
using System.Net;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Tests;

/// <summary>An accept loop whose callback can be paused.</summary>
internal sealed class ControlledLoop : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly AcceptLoop _loop;
    private readonly ConcurrentQueue<AcceptedConnection> _accepted = new();
    private readonly ConcurrentQueue<QueueEvent> _events = new();
    private readonly ManualResetEventSlim _mayGoOn = new(true);
    private readonly ManualResetEventSlim _standsStill = new();
    private readonly bool _ownsSocket;
    private readonly List<LoopClients> _own = [];
    private volatile bool _computes;
    private int _count;

    public ControlledLoop(int backlog, ConnectionLimit? limit = null)
        : this(ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(backlog) }), AcceptMethod.IoUring, limit) =>
        _ownsSocket = true;

    public ControlledLoop(ListenSocket socket, AcceptMethod method, ConnectionLimit? limit = null)
    {
        Socket = socket;
        Monitor = new QueueMonitor(socket);
        Monitor.EventOccurred += _events.Enqueue;
        _loop = new AcceptLoop(socket, Take, Monitor, new() { Limit = limit, Method = method });
        _loop.Start();
    }

    public ListenSocket Socket { get; }

    public QueueMonitor Monitor { get; }

    public int Accepted => Volatile.Read(ref _count);

    public EndPoint? Peer => _accepted.First().RemoteEndPoint;

    public bool LimitReached => _events.OfType<QueueEvent.LimitReached>().Any();

    public bool IsBroken => _events.OfType<QueueEvent.AcceptBroken>().Any();

    public Task Ended => _loop.Ended;

    /// <summary>Pauses the loop's thread in its callback, with one accepted connection, which is counted like the others.</summary>
    public void StandStill(bool computes = false)
    {
        _computes = computes;
        _standsStill.Reset();
        _mayGoOn.Reset();
        _own.Add(new LoopClients(Socket, 1));
        Assert.True(_standsStill.Wait(WaitTimeout));
    }

    public void GoOn() => _mayGoOn.Set();

    public void Tick() => Monitor.Tick(() => null);

    public void CloseOne()
    {
        Assert.True(_accepted.TryDequeue(out AcceptedConnection? one));
        one.Dispose();
    }

    public Task DrainAsync() => _loop.DrainAsync().WaitAsync(WaitTimeout);

    public void Dispose()
    {
        _mayGoOn.Set();
        Assert.True(_loop.DrainAsync().Wait(WaitTimeout));
        _loop.Dispose();
        while (_accepted.TryDequeue(out AcceptedConnection? one)) one.Dispose();
        foreach (LoopClients clients in _own) clients.Dispose();
        if (_ownsSocket) Socket.Dispose();
    }

    private void Take(AcceptedConnection connection)
    {
        _accepted.Enqueue(connection);
        Interlocked.Increment(ref _count);
        if (_mayGoOn.IsSet) return;
        _standsStill.Set();
        if (!_computes) _mayGoOn.Wait();
        else while (!_mayGoOn.IsSet) Thread.SpinWait(100);
    }
}
