using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Rcomm.Transport.Connections;

namespace Rcomm.Proxy.Http1;

/// <summary>One request to one upstream over HTTP/1.1, and its response.</summary>
internal sealed class Http1Forwarding
{
    private const int MaxInterim = 100;

    private readonly ForwardedRequest _request;
    private readonly UpstreamConnection _connection;
    private readonly RouteForwarding _route;
    private readonly Answer _answer;
    private Task? _sending;
    private bool _isSent;
    // Whether the connection can be reused.
    private bool _keepsConnection;

    private Http1Forwarding(ForwardedRequest request, UpstreamConnection connection, RouteForwarding route)
    {
        (_request, _connection, _route) = (request, connection, route);
        _answer = new Answer(request.Context, route);
    }

    /// <summary>Sends a request and forwards the response.</summary>
    /// <param name="turn">
    /// The request's place in the queue's limit. Disposed early for a connection that stays open for long, e.g. a WebSocket or an event stream.
    /// </param>
    public static async ValueTask<Attempt> TryAsync(ForwardedRequest request, Upstream upstream, RouteForwarding route, RateLimitLease turn)
    {
        HttpContext context = request.Context;
        UpstreamConnection connection;
        try
        {
            var outgoing = context.Features.Get<IOutgoingFeature>();
            bool isRepeatable = request.Outgoing.IsIdempotent && request.Body is null;
            connection = upstream.Pool.TakeIdle(outgoing?.Loop ?? 0, isExact: !isRepeatable)
                ?? await upstream.Pool.ConnectAsync(outgoing, context.RequestAborted);
        }
        catch (UpstreamException e)
        {
            return new(e, null, CanBeUndone: true);
        }
        var exchange = new Http1Forwarding(request, connection, route);
        CancellationTokenRegistration gone = context.RequestAborted.UnsafeRegister(
            static one => ((UpstreamConnection)one!).Cancel(new(UpstreamFailure.Client, "the client is gone")), connection);
        try
        {
            request.Outgoing.WriteHead(connection.Output, upstream.Address, request.Body?.Length ?? 0);
            return new(null, await exchange.RunAsync(turn), CanBeUndone: false);
        }
        catch (UpstreamException e)
        {
            return exchange._answer.Fail(e);
        }
        finally
        {
            gone.Dispose();
            await exchange.EndAsync();
            await (exchange._keepsConnection ? upstream.Pool.GiveBackAsync(connection) : upstream.Pool.DropAsync(connection));
        }
    }

    private async ValueTask<Task?> RunAsync(RateLimitLease turn)
    {
        _connection.Expect(_route.Limits.Timeout);
        _sending = SendAsync();
        ResponseHead head = _connection.Head;
        for (int interim = 0; ; interim++)
        {
            await _connection.ReadHeadAsync();
            if (!head.IsInterim) break;
            if (interim == MaxInterim) throw new UpstreamException(UpstreamFailure.BadAnswer, "it sent too many interim responses");
            _connection.Expect(_route.Limits.Timeout);
        }
        if (head.Status != StatusCodes.Status101SwitchingProtocols) return await AnswerAsync(head, turn);
        await SwitchAsync(head, turn);
        return null;
    }

    // Stops sending the rest of the request.
    private async ValueTask EndAsync()
    {
        if (_sending is null or { IsCompleted: true }) return;
        _connection.Cancel(new(UpstreamFailure.Incomplete, "the response came before the request was sent"));
        _request.Body?.Stop();
        await _sending;
    }

    // Sends the rest of a large body while the response may already arrive. It doesn't fail: reading the response gets the same error, and an upstream
    // that refuses the rest may still have said why.
    private async Task SendAsync()
    {
        try
        {
            await (_request.Body is not { } body ? _connection.FlushAsync() : body.SendAsync(_connection, isChunked: body.Length < 0));
            _isSent = true;
        }
        catch (UpstreamException)
        {
        }
        catch (Exception e) when (e is BadHttpRequestException or IOException or OperationCanceledException)
        {
            _connection.Cancel(new(UpstreamFailure.Client, "the client doesn't send its request", e));
        }
    }

    private async ValueTask<Task?> AnswerAsync(ResponseHead head, RateLimitLease turn)
    {
        if (head.IsEventStream)
        {
            turn.Dispose();
            _answer.EndWithClient();
        }
        BodyFraming framing = head.FramingFor(_request.Outgoing.IsHead);
        _answer.Apply(head);
        Task? rest = null;
        bool endsClean = true;
        if (framing != BodyFraming.None && head.Status != StatusCodes.Status205ResetContent)
        {
            var body = new ResponseBody(_connection, framing);
            rest = await _answer.ForwardAsync(body, head.IsEventStream, _route.Shared.Options.Buffering.IsOn);
            endsClean = body.EndsClean;
        }
        // After an incomplete request, the rest would be taken for the next one.
        _keepsConnection = endsClean && head.KeepsConnection(framing) && _isSent;
        return rest;
    }

    private async Task SwitchAsync(ResponseHead head, RateLimitLease turn)
    {
        if (_request.Outgoing.Upgrade is null || !head.HasUpgrade)
            throw new UpstreamException(UpstreamFailure.BadAnswer, "it switched protocols (101) without being asked");
        turn.Dispose();
        _answer.Apply(head);
        if (_request.Outgoing.ExtendedConnect is not null) _request.Context.Response.StatusCode = StatusCodes.Status200OK;
        else _request.Context.Response.Headers.Upgrade = head.Fields.Find(field => FieldRules.Is(field.Name, "Upgrade")).Value;
        await Tunnel.RunAsync(_request.Context, _request.Outgoing, _connection, _route.Shared.Options.StreamTimeout);
    }
}
