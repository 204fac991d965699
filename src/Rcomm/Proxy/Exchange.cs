using Microsoft.AspNetCore.Http;
using Rcomm.Proxy.Bodies;
using Rcomm.Proxy.Http1;
using Rcomm.Transport.Connections;

namespace Rcomm.Proxy;

/// <summary>One request at one upstream, and its answer.</summary>
internal sealed class Exchange(HttpContext context, OutgoingRequest request, RequestBody? requestBody, UpstreamConnection connection, RouteForwarding route)
{
    private const int MaxInterim = 100;

    private Task? _sending;
    private bool _isSent;
    private bool _isApplied;
    private bool _hasBodyWritten;

    /// <summary>True where the client can still be told of a failure, or another upstream asked.</summary>
    public bool CanBeUndone => !context.Response.HasStarted && !_hasBodyWritten;

    /// <summary>True where the connection can have another request.</summary>
    public bool KeepsConnection { get; private set; }

    /// <summary>Sends the request and forwards the answer. The task that is returned ends when the client has all of it; null where nothing is left to wait for.</summary>
    /// <param name="endTurn">Called where the connection will be open for as long as it is used, as a WebSocket and an event stream are: others need the turn.</param>
    /// <exception cref="UpstreamException">The upstream, or the client, failed.</exception>
    public async ValueTask<Task?> RunAsync(Action endTurn)
    {
        connection.Expect(route.Limits.Timeout);
        _sending = SendAsync();
        ResponseHead head = connection.Head;
        for (int interim = 0; ; interim++)
        {
            await connection.ReadHeadAsync();
            if (!head.IsInterim) break;
            if (interim == MaxInterim) throw new UpstreamException(UpstreamFailure.BadAnswer, "it sent interim answers without an end");
            connection.Expect(route.Limits.Timeout);
        }
        if (head.Status != StatusCodes.Status101SwitchingProtocols) return await AnswerAsync(head, endTurn);
        await SwitchAsync(head, endTurn);
        return null;
    }

    /// <summary>Takes back what was made of an answer that can't be sent; for where <see cref="CanBeUndone"/>.</summary>
    public void Undo()
    {
        if (_isApplied) AnswerHead.Withdraw(connection.Head, context);
    }

    /// <summary>Ends what is still being sent.</summary>
    public async ValueTask EndAsync()
    {
        if (_sending is null or { IsCompleted: true }) return;
        connection.Cancel(new(UpstreamFailure.Incomplete, "the answer came before the request was sent"));
        requestBody?.Stop();
        await _sending;
    }

    // Sends the rest of a large body while the answer may already come. It does not fail: reading the answer meets the same end, and an upstream that does not take
    // the rest may still have said why.
    private async Task SendAsync()
    {
        try
        {
            await (requestBody is null ? connection.FlushAsync() : requestBody.SendAsync(connection));
            _isSent = true;
        }
        catch (UpstreamException)
        {
        }
        catch (Exception e) when (e is BadHttpRequestException or IOException or OperationCanceledException)
        {
            connection.Cancel(new(UpstreamFailure.Client, "the client does not send its request", e));
        }
    }

    private async ValueTask<Task?> AnswerAsync(ResponseHead head, Action endTurn)
    {
        if (head.IsEventStream)
        {
            endTurn();
            // A client that has ended its side has left the stream, and nothing else would tell.
            if (context.Features.Get<IHalfClosedFeature>() is { } halfClosed) halfClosed.IsKept = false;
        }
        BodyFraming framing = head.FramingFor(request.IsHead);
        Apply(head);
        Task? rest = null;
        bool endsClean = true;
        if (framing != BodyFraming.None && head.Status != StatusCodes.Status205ResetContent)
        {
            var body = new ResponseBody(connection, framing);
            var answer = new AnswerBody(context, connection, body, route.Shared.Options.Buffering, route.Shared.Budget, head.IsEventStream ? route.Shared.Options.StreamTimeout : route.Limits.Timeout);
            try
            {
                rest = await answer.ForwardAsync();
            }
            finally
            {
                _hasBodyWritten = answer.HasWritten;
            }
            AppendTrailers(body);
            endsClean = body.EndsClean;
        }
        // What was not sent whole would be taken for the next request.
        KeepsConnection = endsClean && head.KeepsConnection(framing) && _isSent;
        return rest;
    }

    private void Apply(ResponseHead head)
    {
        _isApplied = true;
        route.Shared.AnswerHead.Apply(head, context);
    }

    private void AppendTrailers(ResponseBody body)
    {
        if (body.Trailers is not { Count: > 0 } trailers || !context.Response.SupportsTrailers()) return;
        foreach ((string name, string value) in trailers)
            if (!FieldRules.IsHopByHop(name) && !FieldRules.Is(name, "Content-Length")) context.Response.AppendTrailer(name, value);
    }

    private async Task SwitchAsync(ResponseHead head, Action endTurn)
    {
        if (request.Upgrade is null || !head.HasUpgrade) throw new UpstreamException(UpstreamFailure.BadAnswer, "it changed to another protocol (101) though nobody asked for that");
        endTurn();
        Apply(head);
        if (request.ExtendedConnect is not null) context.Response.StatusCode = StatusCodes.Status200OK;
        else context.Response.Headers.Upgrade = head.Fields.Find(field => FieldRules.Is(field.Name, "Upgrade")).Value;
        await Tunnel.RunAsync(context, request, connection, route.Shared.Options.StreamTimeout);
    }
}
