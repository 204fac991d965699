using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Rcomm.Kestrel.Overload;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel.FastPath;

/// <summary>
/// A connection between TLS and Kestrel's HTTP. Plain requests with a ready answer are answered here. Any other request goes to Kestrel's HTTP, with
/// all bytes received. The connection returns once Kestrel has sent an answer that is ready from then on, and nothing more has arrived.
/// </summary>
internal sealed class FastPathSession : IDuplexPipe, IFastPathFeature, IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _connection;
    private readonly IReadyAnswers _answers;
    private readonly IDuplexPipe _transport;
    private readonly ConnectionActivity? _activity;
    private readonly IPAddress? _client;
    private readonly FastPathTimeouts _timeouts;
    private readonly AnswerWriter _writer = new();
    private ReturningReader _input;
    private volatile bool _isStopping;
    private volatile bool _isWaiting;
    // What Kestrel's HTTP registered to run once a second while it has the connection.
    private volatile Action? _tickOfHttp;

    private FastPathSession(ConnectionContext connection, IReadyAnswers answers, KestrelServerLimits limits)
    {
        (_connection, _answers, _transport) = (connection, answers, connection.Transport);
        _activity = connection.Features.Get<ConnectionActivity>();
        _client = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        _timeouts = new FastPathTimeouts(limits);
        _input = new ReturningReader(_transport.Input);
    }

    IReadyAnswers? IFastPathFeature.Answers => _answers;

    PipeReader IDuplexPipe.Input => _input;

    PipeWriter IDuplexPipe.Output => _transport.Output;

    public static Task InvokeAsync(ConnectionContext connection, ConnectionDelegate next, IReadyAnswers answers, KestrelServerLimits limits) =>
        connection.Features.Get<ISslStreamFeature>()?.SslStream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2
            ? next(connection)
            : new FastPathSession(connection, answers, limits).RunAsync(next);

    void IFastPathFeature.ReturnWhenAnswered() => _input.Returns = true;

    void IFastPathFeature.ReturnIfNeeded()
    {
        // Ignored: most of the connection's memory is that of TLS, here or in Kestrel.
    }

    void IFastPathFeature.ReturnIdle()
    {
        // Ignored for the same reason.
    }

    // Kestrel keeps every registered callback until the connection closes, and its HTTP registers one each time it gets the connection.
    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state) => _tickOfHttp = () => action(state);

    private async Task RunAsync(ConnectionDelegate next)
    {
        _connection.Features.GetRequiredFeature<IConnectionHeartbeatFeature>().OnHeartbeat(static session => ((FastPathSession)session).Tick(), this);
        _connection.Features.Set<IConnectionHeartbeatFeature>(this);
        _connection.Features.Set<IFastPathFeature>(this);
        _connection.Transport = this;
        CancellationToken stopping = _connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using CancellationTokenRegistration registration = stopping.UnsafeRegister(static session => ((FastPathSession)session!).Stop(), this);
        try
        {
            string id = _connection.ConnectionId;
            for (int passed = 1; await AnswerAsync(); passed++)
            {
                await next(_connection);
                if (!_input.HasReturned) return;

                _tickOfHttp = null;
                _input = new ReturningReader(_transport.Input);
                // Otherwise Kestrel would set the protocol's tags again, and number the requests from 1 again.
                _connection.Features.Set<IConnectionMetricsTagsFeature>(null);
                _connection.ConnectionId = $"{id}.{passed:X}";
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client is gone or was disconnected.
        }
        finally
        {
            _connection.Transport = _transport;
        }
    }

    // Returns true if Kestrel takes the connection, false if it ends.
    private async ValueTask<bool> AnswerAsync()
    {
        while (!_isStopping)
        {
            _timeouts.BeginWait();
            _isWaiting = true;
            // The stop may have been requested just before.
            if (_isStopping) return false;
            ReadResult read = await _transport.Input.ReadAsync();
            _isWaiting = false;
            _timeouts.EndWait();
            // The client closed its side, the idle timeout passed, or the server stops.
            if (read.Buffer.IsEmpty) return false;

            var batch = new AnswerBatch(_writer, read.Buffer, _answers, _client);
            _transport.Input.AdvanceTo(read.Buffer.GetPosition(batch.Taken));
            try
            {
                if (!batch.Bytes.IsEmpty) await SendAsync(batch.Bytes);
            }
            finally
            {
                batch.Release();
            }
            if (batch.Closes) return false;
            if (batch.NeedsKestrel) return true;
        }
        return false;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> answers)
    {
        _activity?.RequestBegins();
        _timeouts.BeginSend(answers.Length);
        await _transport.Output.WriteAsync(answers);
        _timeouts.EndSend();
        _activity?.RequestEnded(hadBody: false);
    }

    private void Stop()
    {
        _isStopping = true;
        if (_isWaiting) _transport.Input.CancelPendingRead();
    }

    private void Tick()
    {
        _tickOfHttp?.Invoke();
        if (_timeouts.IsIdleTooLong) Stop();
        else if (_timeouts.SendsTooSlowly) _connection.Abort(new ConnectionAbortedException("The client reads its response too slowly."));
    }
}
