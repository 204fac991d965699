using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Rcomm.Burst.Engine.Http1;
using Rcomm.Burst.Engine.Sessions;
using Rcomm.Burst.Results;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine;

/// <summary>
/// Opens and watches its share of a round's connections on one thread. Opening has priority, so that the schedule is kept; events of open connections are
/// handled in between.
/// </summary>
internal sealed partial class Worker : IDisposable
{
    // Edge-triggered: each change is reported once.
    private const EpollEvents Watched = EpollEvents.In | EpollEvents.Out | EpollEvents.PeerClosed | EpollEvents.EdgeTriggered;

    // A stop is noticed after at most this long.
    private const long MaxWaitUs = 50_000;

    // A step of a TLS handshake takes about 0.3 ms; after this many, other connections are handled.
    private const int ResumeBatch = 8;

    private readonly BurstRun _run;
    private readonly Connection[] _connections;
    private readonly EpollInstance _epoll = OpenEpoll();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly DueQueue _lingering = new();
    private readonly DueQueue _pings = new();
    private readonly Queue<(int Id, EpollEvents Events)> _ready = [];
    private readonly long _lingerUs;
    private readonly int _openBatch;
    private LoadMeter _load;
    private int _nextToOpen;
    private int _oldest;
    private int _finished;
    private ExceptionDispatchInfo? _fault;

    /// <param name="run">The state shared by all workers.</param>
    /// <param name="meant">When each of its connections should open, in order, relative to the round's start.</param>
    public Worker(BurstRun run, IEnumerable<long> meant)
    {
        _run = run;
        _connections = [.. meant.Select(time => new Connection(time, run.AnswerHasNoBody))];
        _load = new LoadMeter(_connections.Length);
        _lingerUs = run.HoldUs > 0 ? run.HoldUs : ServerClosesUs;
        _openBatch = run.Plan.Schedule.OpenBatch;
    }

    public ReadOnlySpan<Connection> Connections => _connections;

    /// <summary>How many connections were opened and how many have ended, for a progress bar.</summary>
    public (int Opened, int Finished) Progress => (Volatile.Read(ref _nextToOpen), Volatile.Read(ref _finished));

    /// <summary>The thread's use of its core until the last outcome was known.</summary>
    public GeneratorLoad Load => _load.Load ?? GeneratorLoad.None;

    /// <summary>Runs until every connection is done or the run is stopped.</summary>
    /// <exception cref="BurstException">This machine refused a call.</exception>
    public void Run(long start)
    {
        foreach (ref Connection connection in _connections.AsSpan()) connection.Meant += start;
        try
        {
            while (_finished < _connections.Length && !_run.IsStopped)
            {
                OpenDue();
                StartMeter();
                SendPings();
                int events = _epoll.WaitMicroseconds(UntilNext());
                for (int i = 0; i < events; i++)
                {
                    (ulong id, EpollEvents what) = _epoll[i];
                    Handle(ref _connections[id], (int)id, what);
                }
                ResumeReady();
                // After the events: what arrived while this thread didn't run was in time.
                CloseExpired();
                _fault?.Throw();
            }
        }
        finally
        {
            CloseRest();
            _load.Stop(_run.Clock.Now);
        }
    }

    public void Dispose() => _epoll.Dispose();

    /// <summary>Creates the first message of that many TLS handshakes before the clock runs, since that isn't the server's work.</summary>
    public void Prepare(int connections)
    {
        for (int id = 0; id < Math.Min(connections, _connections.Length); id++)
        {
            _connections[id].Session = new Session(_run, this, id);
            _connections[id].Session!.Start();
        }
    }

    private static EpollInstance OpenEpoll()
    {
        try
        {
            return new();
        }
        catch (ErrnoException e)
        {
            throw LocalFailure.Of(e.Errno, "epoll_create1");
        }
    }

    // The load is measured after the opening of a burst, whose duration is reported separately.
    private void StartMeter()
    {
        if (_load.IsStarted || _openBatch == int.MaxValue && _nextToOpen < _connections.Length || _run.Clock.Now < _connections[0].Meant) return;
        _load.Start(_run.Clock.Now);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OpenDue()
    {
        for (int left = _openBatch; left > 0 && _nextToOpen < _connections.Length && !_run.IsStopped; left--)
        {
            long now = _run.Clock.Now;
            if (_connections[_nextToOpen].Meant > now) return;
            int id = _nextToOpen++;
            Open(ref _connections[id], id, now);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Open(ref Connection connection, int id, long now)
    {
        connection.Opened = now;
        connection.Phase = Phase.Connecting;
        Errno error = Opening.Begin(_run, out connection.Descriptor);
        if (error != Errno.None) Close(ref connection, error == Errno.EAGAIN ? ConnectionOutcome.QueueFull : Outcomes.Of(error, connected: false));
        else if (!_epoll.TryAdd(connection.Descriptor, Watched, (ulong)id)) throw LocalFailure.Of(LibC.LastError, "epoll_ctl");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Handle(ref Connection connection, int id, EpollEvents events)
    {
        if (connection.Phase == Phase.Connecting)
        {
            if ((events & EpollEvents.Error) != 0 && SocketOption.TakeError(connection.Descriptor) is var error and not Errno.None)
            {
                Close(ref connection, Outcomes.Of(error, connected: false));
                return;
            }
            if ((events & EpollEvents.Out) == 0) return;
            BecomeConnected(ref connection, id);
        }
        else if (connection.Session is not null)
        {
            _ready.Enqueue((id, events));
            return;
        }
        else if (connection.Phase == Phase.Waiting && (events & EpollEvents.Out) != 0)
        {
            Send(ref connection);
        }
        const EpollEvents SomethingToRead = EpollEvents.In | EpollEvents.PeerClosed | EpollEvents.HangUp | EpollEvents.Error;
        if (connection.Session is null && connection.Phase is Phase.Waiting or Phase.Lingering && (events & SomethingToRead) != 0) Read(ref connection, id);
    }

    private void ResumeReady()
    {
        for (int left = ResumeBatch; left > 0 && _ready.TryDequeue(out (int Id, EpollEvents Events) next); left--)
            _connections[next.Id].Session!.OnEvents(next.Events);
    }

    private void BecomeConnected(ref Connection connection, int id)
    {
        connection.Connected = _run.Clock.Now;
        connection.SynRetransmits = (int)TcpInfo.Read(connection.Descriptor).TotalRetransmits;
        connection.Phase = Phase.Waiting;
        if (!_run.IsPlain)
        {
            // The last message of a TLS handshake and the request are both short; without this the second waits for the first one's ACK.
            _ = SocketOption.NoDelay.Set(connection.Descriptor, 1);
            if (connection.Session is null)
            {
                connection.Session = new Session(_run, this, id);
                connection.Session.Start();
            }
            connection.Session.OnConnected(connection.Descriptor);
        }
        else if (_run.Plan.ConnectOnly) Answered(ref connection, id, ConnectionOutcome.Answered, connection.Connected);
        else Send(ref connection);
    }

    private void Send(ref Connection connection)
    {
        // A failure is left to the next read: a response may be waiting.
        nint sent = 1;
        while (sent > 0 && connection.Sent < _run.Request.Length)
        {
            sent = SocketCalls.Send(connection.Descriptor, _run.Request.AsSpan(connection.Sent));
            if (sent > 0) connection.Sent += (int)sent;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Read(ref Connection connection, int id)
    {
        while (connection.Phase is Phase.Waiting or Phase.Lingering)
        {
            nint count = SocketCalls.Receive(connection.Descriptor, _buffer);
            if (count < 0 && LibC.LastError is Errno.EAGAIN or Errno.EINTR) return;

            if (connection.Phase == Phase.Lingering)
            {
                if (count <= 0) Close(ref connection, connection.Outcome);
            }
            else if (count < 0)
            {
                Close(ref connection, Outcomes.Of(LibC.LastError, connected: true));
            }
            else if (count == 0)
            {
                Close(ref connection, Outcomes.Of(connection.Response.AtClose(), connection.Response.Status, _run.Expected, atClose: true));
            }
            else
            {
                TakeBytes(ref connection, id, _buffer.AsSpan(0, (int)count));
            }
        }
    }

    private void TakeBytes(ref Connection connection, int id, ReadOnlySpan<byte> bytes)
    {
        long now = _run.Clock.Now;
        if (connection.FirstByte == Connection.Never) connection.FirstByte = now;
        ReadState state = connection.Response.Feed(bytes);
        if (state == ReadState.Complete) Answered(ref connection, id, Outcomes.Of(connection.Response.Status, _run.Expected), now);
        else if (state == ReadState.Broken) Close(ref connection, ConnectionOutcome.BadAnswer);
    }

    private long UntilNext()
    {
        if (_ready.Count > 0) return 0;
        long next = _run.Clock.Now + MaxWaitUs;
        if (_nextToOpen < _connections.Length) next = Math.Min(next, _connections[_nextToOpen].Meant);
        if (_oldest < _nextToOpen) next = Math.Min(next, _connections[_oldest].Opened + _run.TimeoutUs);
        return _pings.NextOr(_lingering.NextOr(next)) - _run.Clock.Now;
    }
}
