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
/// One connection between its TLS and Kestrel's HTTP. Plain requests whose answers are ready are answered here. With any other, Kestrel's HTTP has the
/// connection, with all that has come, until it gives an answer that is ready from then on, and nothing more has come. Then the connection is here again.
/// </summary>
internal sealed class FastPathSession : IDuplexPipe, IFastPathFeature, IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _connection;
    private readonly IReadyAnswers _answers;
    private readonly IDuplexPipe _transport;
    private readonly ConnectionActivity? _activity;
    private readonly IPAddress? _client;
    private readonly FastPathTimeouts _timeouts;
    private ReturningReader _input;
    private volatile bool _isStopping;
    private volatile bool _isWaiting;
    // What Kestrel's HTTP does once a second while it has the connection.
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
        // Its memory is that of TLS, wherever it is.
    }

    void IFastPathFeature.ReturnIdle()
    {
        // The same.
    }

    // Kestrel keeps all that is registered here as long as the connection is open, and its HTTP registers each time that it gets the connection.
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
                // It would note the protocol once more, and count the requests from 1 again.
                _connection.Features.Set<IConnectionMetricsTagsFeature>(null);
                _connection.ConnectionId = $"{id}.{passed:X}";
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client is gone, or was cut off.
        }
        finally
        {
            _connection.Transport = _transport;
        }
    }

    // True where the connection is Kestrel's to go on with, false where it ends.
    private async ValueTask<bool> AnswerAsync()
    {
        while (!_isStopping)
        {
            _timeouts.BeginWait();
            _isWaiting = true;
            // It may have been asked to stop just before.
            if (_isStopping) return false;
            ReadResult read = await _transport.Input.ReadAsync();
            _isWaiting = false;
            _timeouts.EndWait();
            // The client's end, or ours: it was idle too long, or the server stops.
            if (read.Buffer.IsEmpty) return false;

            AnswerBatch batch = AnswerBatch.Of(read.Buffer, _answers, _client);
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
        else if (_timeouts.SendsTooSlowly) _connection.Abort(new ConnectionAbortedException("The client takes its answer too slowly."));
    }
}
