using System.Net.Security;
using System.Security.Authentication;
using Rcomm.Burst.Engine.Streams;
using Rcomm.Burst.Engine.Tls;
using Rcomm.Burst.Results;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine.Sessions;

/// <summary>
/// One connection with TLS, HTTP/2 or WebSocket. <see cref="RunAsync"/> has its steps in order. While it waits, its worker handles other connections, and
/// resumes it when the descriptor is ready. Everything runs on the worker's thread.
/// </summary>
internal sealed class Session(BurstRun run, Worker worker, int id) : IDisposable
{
    private readonly DescriptorStream _descriptor = new();
    private readonly IExchange _exchange = run.NewExchange();
    private readonly TlsState? _tls = run.Tls is null ? null : new();

    public BurstRun Run => run;

    public ushort Status { get; set; }

    public WebSocketRecord? WebSocket { get; set; }

    public bool IsInHandshake => _tls is { Secured: Connection.Never };

    public TlsRecord? TlsRecord => _tls?.ToRecord();

    /// <summary>Whether the response is complete; what follows on the connection no longer changes its outcome.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Starts the session, up to the first message. It resumes whenever the descriptor is ready.</summary>
    public void Start() => _ = RunAsync();

    private async Task RunAsync()
    {
        SslStream? secured = null;
        try
        {
            if (run.Tls is not null && (secured = await HandshakeAsync(run.Tls)) is null) return;
            if (run.Plan.ConnectOnly) worker.Answered(id, ConnectionOutcome.Answered);
            else await _exchange.RunAsync(this, secured ?? (Stream)_descriptor);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            Close(e);
        }
        catch (Exception e)
        {
            worker.Fail(e);
        }
        finally
        {
            if (secured is not null) await secured.DisposeAsync();
        }
    }

    /// <summary>Attaches the descriptor of the connection, and sends what was written before.</summary>
    public void OnConnected(int descriptor) => _descriptor.Attach(descriptor);

    public void OnEvents(EpollEvents events) => _descriptor.OnEvents(events);

    /// <summary>Called when the worker has closed the descriptor.</summary>
    public void Dispose() => _descriptor.Dispose();

    public void Ping() => _exchange.Ping();

    public void Leave() => _exchange.Leave();

    public long Now => run.Clock.Now;

    /// <summary>Records the first byte of the response; further calls have no effect.</summary>
    public void OnAnswerByte() => worker.FirstByte(id);

    /// <summary>Records that the response is complete.</summary>
    public void Answered(ConnectionOutcome outcome)
    {
        IsAnswered = true;
        worker.Answered(id, outcome);
    }

    /// <summary>Closes the connection. Once answered, it keeps its outcome.</summary>
    public void Close(ConnectionOutcome outcome) => worker.Close(id, outcome);

    private async ValueTask<SslStream?> HandshakeAsync(TlsClient tls)
    {
        SslStream? secured = await tls.ConnectAsync(_descriptor, _tls!, () => Now);
        if (secured is null) Close(ConnectionOutcome.HandshakeFailed);
        else _tls!.Secured = Now;
        return secured;
    }

    private void Close(Exception exception)
    {
        try
        {
            Close(OutcomeOf(exception));
        }
        catch (BurstException e)
        {
            worker.Fail(e);
        }
    }

    private ConnectionOutcome OutcomeOf(Exception exception)
    {
        // In TLS 1.3 the client finishes first: a server that rejects its certificate sends the alert after the handshake.
        if (Status == 0 && TlsAlert.In(exception) is { } alert)
        {
            _tls!.Fail(HandshakeFailure.Alert, alert);
            return ConnectionOutcome.HandshakeFailed;
        }
        if (_descriptor.Error != Errno.None) return Outcomes.Of(_descriptor.Error, connected: true);
        return worker.HasAnswerBytes(id) ? ConnectionOutcome.BadAnswer : ConnectionOutcome.ClosedWithoutAnswer;
    }
}
