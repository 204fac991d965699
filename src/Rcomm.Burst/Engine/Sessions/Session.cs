using System.Net.Security;
using System.Security.Authentication;
using Rcomm.Burst.Engine.Streams;
using Rcomm.Burst.Engine.Tls;
using Rcomm.Burst.Results;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine.Sessions;

/// <summary>
/// One connection that speaks more than plain HTTP/1.1: TLS, HTTP/2 or WebSocket. Its story reads from top to bottom in <see cref="RunAsync"/>;
/// wherever it waits, its
/// worker goes on with other connections and comes back when the descriptor is ready. All of it runs on the worker's thread.
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

    /// <summary>True once the answer was whole; what follows on the connection no longer changes its outcome.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Begins, up to the first message; it goes on whenever the descriptor is ready.</summary>
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

    /// <summary>The connection has its descriptor: what was to be sent first is sent.</summary>
    public void OnConnected(int descriptor) => _descriptor.Attach(descriptor);

    /// <summary>The descriptor reports these events.</summary>
    public void OnEvents(EpollEvents events) => _descriptor.OnEvents(events);

    /// <summary>The worker closed the descriptor.</summary>
    public void Dispose() => _descriptor.Dispose();

    public void Ping() => _exchange.Ping();

    public void Leave() => _exchange.Leave();

    public long Now => run.Clock.Now;

    /// <summary>A byte of the answer came; the first one counts.</summary>
    public void OnAnswerByte() => worker.FirstByte(id);

    /// <summary>The answer is whole.</summary>
    public void Answered(ConnectionOutcome outcome)
    {
        IsAnswered = true;
        worker.Answered(id, outcome);
    }

    /// <summary>Ends the connection; once answered, with the outcome that it has.</summary>
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
        // In TLS 1.3 the client is done first: a server that rejects its certificate says so after the handshake.
        if (Status == 0 && TlsAlert.In(exception) is { } alert)
        {
            _tls!.Fail(HandshakeFailure.Alert, alert);
            return ConnectionOutcome.HandshakeFailed;
        }
        if (_descriptor.Error != Errno.None) return Outcomes.Of(_descriptor.Error, connected: true);
        return worker.HasAnswerBytes(id) ? ConnectionOutcome.BadAnswer : ConnectionOutcome.ClosedWithoutAnswer;
    }
}
