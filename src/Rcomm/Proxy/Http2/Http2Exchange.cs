using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Rcomm.Proxy.Bodies;
using Rcomm.Proxy.Http1;

namespace Rcomm.Proxy.Http2;

/// <summary>One request at one upstream over HTTP/2, and its answer.</summary>
internal static class Http2Exchange
{
    /// <summary>Sends a request and forwards the answer.</summary>
    /// <param name="turn">Disposed where the answer is a stream that may go on for as long as the client likes: others need the turn.</param>
    public static async ValueTask<Attempt> TryAsync(
        HttpContext context, OutgoingRequest request, RequestBody? body, Http2Client client, RouteForwarding route, RateLimitLease turn)
    {
        var answer = new Answer(context, route);
        using var silence = new Silence(context);
        // An upstream may wait for the end of what a client sends.
        using RequestContent? content = body is null ? null : new(body, silence.Renew);
        try
        {
            silence.Expect(route.Limits.Timeout);
            using HttpRequestMessage message = Http2Message.Of(request, client.Address, content)
                ?? throw new UpstreamException(UpstreamFailure.NotForwardable, "its method, target or host can't be sent over HTTP/2");
            using HttpResponseMessage response = await client.SendAsync(message, silence.Token);
            return new(null, await ForwardAsync(request, response, answer, silence, route, turn), CanBeUndone: false);
        }
        catch (UpstreamException e)
        {
            return answer.Fail(content?.Failure ?? e);
        }
        catch (OperationCanceledException e)
        {
            return answer.Fail(content?.Failure ?? silence.ReasonOf(e));
        }
        finally
        {
            if (content is not null) await content.EndAsync();
        }
    }

    private static async ValueTask<Task?> ForwardAsync(
        OutgoingRequest request, HttpResponseMessage response, Answer answer, Silence silence, RouteForwarding route, RateLimitLease turn)
    {
        ResponseHead head = Http2Message.HeadOf(response);
        bool isStream = head.IsEventStream || request.IsGrpc;
        if (isStream) turn.Dispose();
        if (head.IsEventStream) answer.EndWithClient();
        answer.Apply(head);
        if (head.FramingFor(request.IsHead) == BodyFraming.None || head.Status == StatusCodes.Status205ResetContent) return null;

        await using Stream stream = await response.Content.ReadAsStreamAsync(silence.Token);
        using var body = new Http2Body(response, stream, silence);
        return await answer.ForwardAsync(body, isStream, isBuffered: route.Shared.Options.Buffering.IsOn && !request.IsGrpc);
    }
}
