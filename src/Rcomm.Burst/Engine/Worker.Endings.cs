using System.Runtime.ExceptionServices;
using Rcomm.Burst.Results;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine;

/// <summary>How connections end: with a response, with an error, or by timeout.</summary>
internal sealed partial class Worker
{
    // How long the server has to close first after the response, so that this side has no port in TIME_WAIT.
    private const long ServerClosesUs = 1_000_000;

    public bool HasAnswerBytes(int id) => _connections[id].FirstByte != Connection.Never;

    public void FirstByte(int id)
    {
        if (!HasAnswerBytes(id)) _connections[id].FirstByte = _run.Clock.Now;
    }

    /// <summary>Called when a session's connection has its response and lingers.</summary>
    public void Answered(int id, ConnectionOutcome outcome)
    {
        Answered(ref _connections[id], id, outcome, _run.Clock.Now);
        if (_run.Plan.Target.IsWebSocket && _run.HoldUs > 0) _pings.Add(id, _run.Clock.Now + _run.PingUs);
    }

    /// <summary>Closes a session's connection. Once answered, it keeps its outcome.</summary>
    public void Close(int id, ConnectionOutcome outcome)
    {
        ref Connection connection = ref _connections[id];
        if (connection.Phase != Phase.Closed) Close(ref connection, connection.Phase == Phase.Lingering ? connection.Outcome : outcome);
    }

    /// <summary>Ends the run, since a session failed for a reason on this side.</summary>
    public void Fail(Exception exception) => _fault ??= ExceptionDispatchInfo.Capture(exception);

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
        _load.Decided(now);
        _lingering.Add(id, now + _lingerUs);
    }

    private void Close(ref Connection connection, ConnectionOutcome outcome)
    {
        if (connection.Phase == Phase.Lingering) connection.Session?.Leave();
        else _load.Decided(_run.Clock.Now);
        if (connection.Ended == Connection.Never && outcome != ConnectionOutcome.Unfinished) connection.Ended = _run.Clock.Now;
        connection.Retransmits = (int)TcpInfo.Read(connection.Descriptor).TotalRetransmits;
        if (connection.Connected == Connection.Never) connection.SynRetransmits = connection.Retransmits;
        connection.Outcome = outcome;
        connection.Phase = Phase.Closed;
        _ = LibC.Close(connection.Descriptor);
        _finished++;
        connection.Session?.Dispose();
    }

    // Connections open in order with the same timeout, so the oldest open one expires first.
    private void CloseExpired()
    {
        long now = _run.Clock.Now;
        for (; _oldest < _nextToOpen; _oldest++)
        {
            ref Connection connection = ref _connections[_oldest];
            if (connection.Phase is not (Phase.Connecting or Phase.Waiting)) continue;
            if (connection.Opened + _run.TimeoutUs > now) break;
            Close(ref connection, TimeoutOf(in connection));
        }
        while (_lingering.TryTake(now, out int id, out _))
        {
            ref Connection connection = ref _connections[id];
            if (connection.Phase != Phase.Closed) Close(ref connection, connection.Outcome);
        }
    }

    private static ConnectionOutcome TimeoutOf(in Connection connection)
    {
        // A server that acknowledged nothing doesn't have the connection: its full queue dropped the end of the TCP handshake.
        if (connection.Phase == Phase.Connecting || TcpInfo.Read(connection.Descriptor).Unacked > 0) return ConnectionOutcome.TimedOutConnecting;
        return connection.Session is { IsInHandshake: true } ? ConnectionOutcome.TimedOutHandshake : ConnectionOutcome.TimedOutWaiting;
    }

    private void SendPings()
    {
        while (_pings.TryTake(_run.Clock.Now, out int id, out long due))
        {
            if (_connections[id].Phase != Phase.Lingering) continue;
            _connections[id].Session!.Ping();
            _pings.Add(id, due + _run.PingUs);
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
}
