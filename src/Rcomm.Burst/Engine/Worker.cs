using System.Runtime.CompilerServices;
using Rcomm.Burst.Results;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine;

/// <summary>
/// Opens and watches its share of a round's connections on one thread. Opening goes before everything else, so that the schedule
/// is kept; what happened on open connections is looked at in between.
/// </summary>
internal sealed class Worker : IDisposable
{
    // At a rate, so many are opened before events are looked at again; a burst at once is opened whole.
    private const int OpenBatch = 64;

    // A stop is seen after at most this long.
    private const long LongestWaitUs = 50_000;

    // After the answer, so long for the server to close first: then the port is not left in TIME_WAIT on this side.
    private const long ServerClosesUs = 1_000_000;

    private readonly RunContext _run;
    private readonly Connection[] _connections;
    // Each descriptor is told once of each change.
    private const EpollEvents Watched = EpollEvents.In | EpollEvents.Out | EpollEvents.PeerClosed | EpollEvents.EdgeTriggered;

    private readonly EpollInstance _epoll = OpenEpoll();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly int[] _lingering;
    private readonly long _lingerUs;
    private readonly int _openBatch;
    private int _nextToOpen;
    private int _oldest;
    private int _lingerHead;
    private int _lingerTail;
    private int _finished;

    /// <param name="run">What all workers share.</param>
    /// <param name="meant">When each of its connections is meant to open, in order, counted from the round's start.</param>
    public Worker(RunContext run, IEnumerable<long> meant)
    {
        _run = run;
        _connections = [.. meant.Select(time => new Connection(time))];
        _lingering = new int[_connections.Length];
        _lingerUs = run.HoldUs > 0 ? run.HoldUs : ServerClosesUs;
        _openBatch = run.Plan.Schedule == BurstSchedule.AtOnce ? int.MaxValue : OpenBatch;
    }

    public ReadOnlySpan<Connection> Connections => _connections;

    /// <summary>How many were opened, and how many are done; for a progress bar.</summary>
    public (int Opened, int Finished) Progress => (Volatile.Read(ref _nextToOpen), Volatile.Read(ref _finished));

    /// <summary>Runs until every connection is done or the run is stopped.</summary>
    /// <exception cref="BurstException">This machine refused something.</exception>
    public void Run(long start)
    {
        foreach (ref Connection connection in _connections.AsSpan()) connection.Meant += start;
        try
        {
            while (_finished < _connections.Length && !_run.Stopped)
            {
                OpenDue();
                CloseExpired();
                int events = _epoll.WaitMicroseconds(UntilNext());
                for (int i = 0; i < events; i++)
                {
                    (ulong id, EpollEvents what) = _epoll[i];
                    Handle(ref _connections[id], (int)id, what);
                }
            }
        }
        finally
        {
            CloseRest();
        }
    }

    private static EpollInstance OpenEpoll()
    {
        try
        {
            return new EpollInstance();
        }
        catch (ErrnoException e)
        {
            throw LocalFailure.Of(e.Errno, "epoll_create1");
        }
    }

    public void Dispose() => _epoll.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OpenDue()
    {
        for (int left = _openBatch; left > 0 && _nextToOpen < _connections.Length && !_run.Stopped; left--)
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
        int descriptor = SocketCalls.Open(_run.Family);
        if (descriptor < 0) throw LocalFailure.Of(LibC.LastError, "socket");

        connection.Descriptor = descriptor;
        connection.Opened = now;
        connection.Phase = Phase.Connecting;
        if (_run.NextSource() is { } source && SocketCalls.BindAddress(descriptor, source.Native) != 0)
            throw LocalFailure.OfBind(LibC.LastError, source.Address);

        Errno error = SocketCalls.Connect(descriptor, _run.Address) == 0 ? Errno.None : LibC.LastError;
        switch (error)
        {
            case Errno.None or Errno.EINPROGRESS or Errno.EINTR:
                if (!_epoll.TryAdd(descriptor, Watched, (ulong)id)) throw LocalFailure.Of(LibC.LastError, "epoll_ctl");
                break;
            case Errno.EAGAIN when _run.IsUnix:
                Close(ref connection, ConnectionOutcome.QueueFull);
                break;
            case Errno.ECONNREFUSED or Errno.ECONNRESET:
                Close(ref connection, OutcomeOf(error, connected: false));
                break;
            default:
                throw LocalFailure.OfConnect(error, _run.Plan.Target, _run.SourceCount);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Handle(ref Connection connection, int id, EpollEvents events)
    {
        if (connection.Phase == Phase.Connecting)
        {
            if ((events & EpollEvents.Error) != 0 && SocketOption.TakeError(connection.Descriptor) is var error and not Errno.None)
            {
                Close(ref connection, OutcomeOf(error, connected: false));
                return;
            }
            if ((events & EpollEvents.Out) == 0) return;
            BecomeConnected(ref connection, id);
        }
        else if (connection.Phase == Phase.Waiting && (events & EpollEvents.Out) != 0)
        {
            Send(ref connection);
        }
        const EpollEvents SomethingToRead = EpollEvents.In | EpollEvents.PeerClosed | EpollEvents.HangUp | EpollEvents.Error;
        if (connection.Phase is Phase.Waiting or Phase.Lingering && (events & SomethingToRead) != 0) Read(ref connection, id);
    }

    private void BecomeConnected(ref Connection connection, int id)
    {
        connection.Connected = _run.Clock.Now;
        connection.SynRetransmits = (int)TcpInfo.Read(connection.Descriptor).TotalRetransmits;
        connection.Phase = Phase.Waiting;
        if (_run.Plan.ConnectOnly) Answered(ref connection, id, ConnectionOutcome.Answered, connection.Connected);
        else Send(ref connection);
    }

    private void Send(ref Connection connection)
    {
        ReadOnlySpan<byte> rest = _run.Request.AsSpan(connection.Sent);
        if (rest.IsEmpty) return;
        // A failure is left to the read that follows: an answer may wait before it.
        nint sent = SocketCalls.Send(connection.Descriptor, rest);
        if (sent > 0) connection.Sent += (int)sent;
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
                Close(ref connection, OutcomeOf(LibC.LastError, connected: true));
            }
            else if (count == 0)
            {
                Close(ref connection, OutcomeOf(connection.Response.AtClose(), connection.Response.Status, atClose: true));
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
        if (state == ReadState.Complete) Answered(ref connection, id, OutcomeOf(state, connection.Response.Status, atClose: false), now);
        else if (state == ReadState.Broken) Close(ref connection, ConnectionOutcome.BadAnswer);
    }

    private void Answered(ref Connection connection, int id, ConnectionOutcome outcome, long now)
    {
        connection.Ended = now;
        if (_run.Plan.ConnectOnly && _run.HoldUs == 0)
        {
            Close(ref connection, outcome);
            return;
        }
        connection.Outcome = outcome;
        connection.Phase = Phase.Lingering;
        // Every connection lingers for the same time, so the first in is the first out.
        _lingering[_lingerTail++] = id;
    }

    private void Close(ref Connection connection, ConnectionOutcome outcome)
    {
        if (connection.Ended == Connection.Never && outcome != ConnectionOutcome.Unfinished) connection.Ended = _run.Clock.Now;
        connection.Retransmits = (int)TcpInfo.Read(connection.Descriptor).TotalRetransmits;
        if (connection.Connected == Connection.Never) connection.SynRetransmits = connection.Retransmits;
        connection.Outcome = outcome;
        connection.Phase = Phase.Closed;
        _ = LibC.Close(connection.Descriptor);
        _finished++;
    }

    // Connections are opened in order and each has the same time, so the oldest open one expires first.
    private void CloseExpired()
    {
        long now = _run.Clock.Now;
        for (; _oldest < _nextToOpen; _oldest++)
        {
            ref Connection connection = ref _connections[_oldest];
            if (connection.Phase is not (Phase.Connecting or Phase.Waiting)) continue;
            if (connection.Opened + _run.TimeoutUs > now) break;
            // A server that acknowledged nothing does not have the connection: its full queue dropped the end of the handshake.
            bool gotIn = connection.Phase == Phase.Waiting && TcpInfo.Read(connection.Descriptor).Unacked == 0;
            Close(ref connection, gotIn ? ConnectionOutcome.TimedOutWaiting : ConnectionOutcome.TimedOutConnecting);
        }
        for (; _lingerHead < _lingerTail; _lingerHead++)
        {
            ref Connection connection = ref _connections[_lingering[_lingerHead]];
            if (connection.Phase == Phase.Closed) continue;
            if (connection.Ended + _lingerUs > now) break;
            Close(ref connection, connection.Outcome);
        }
    }

    private void CloseRest()
    {
        foreach (ref Connection connection in _connections.AsSpan(0, _nextToOpen))
        {
            if (connection.Phase is Phase.Connecting or Phase.Waiting) Close(ref connection, ConnectionOutcome.Unfinished);
            else if (connection.Phase == Phase.Lingering) Close(ref connection, connection.Outcome);
        }
    }

    private long UntilNext()
    {
        long next = _run.Clock.Now + LongestWaitUs;
        if (_nextToOpen < _connections.Length) next = Math.Min(next, _connections[_nextToOpen].Meant);
        if (_oldest < _nextToOpen) next = Math.Min(next, _connections[_oldest].Opened + _run.TimeoutUs);
        if (_lingerHead < _lingerTail) next = Math.Min(next, _connections[_lingering[_lingerHead]].Ended + _lingerUs);
        return next - _run.Clock.Now;
    }

    private static ConnectionOutcome OutcomeOf(ReadState state, int status, bool atClose) => state switch
    {
        ReadState.Complete => status < 400 ? ConnectionOutcome.Answered : ConnectionOutcome.WrongStatus,
        ReadState.NeedsMore when atClose => ConnectionOutcome.ClosedWithoutAnswer,
        _ => ConnectionOutcome.BadAnswer,
    };

    private static ConnectionOutcome OutcomeOf(Errno error, bool connected) => error switch
    {
        Errno.ECONNREFUSED => ConnectionOutcome.Refused,
        Errno.ECONNRESET or Errno.ECONNABORTED or Errno.EPIPE => ConnectionOutcome.Reset,
        Errno.ETIMEDOUT => connected ? ConnectionOutcome.TimedOutWaiting : ConnectionOutcome.TimedOutConnecting,
        Errno.EHOSTUNREACH or Errno.ENETUNREACH or Errno.EHOSTDOWN => ConnectionOutcome.Unreachable,
        _ => throw LocalFailure.Of(error, connected ? "recv" : "connect"),
    };
}
