using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Rcomm.Proxy.Http1;

namespace Rcomm.Proxy.Http2;

/// <summary>One request to one upstream over HTTP/2, and its response.</summary>
internal static class Http2Forwarding
{
    /// <summary>Sends a request and forwards the response.</summary>
    /// <param name="turn">The request's place in the queue's limit. Disposed early for a stream, which may last as long as the client likes.</param>
    public static async ValueTask<Attempt> TryAsync(ForwardedRequest request, Http2Client client, RouteForwarding route, RateLimitLease turn)
    {
        var answer = new Answer(request.Context, route);
        using var timeout = new UpstreamTimeout(request.Context);
        // An upstream may wait for the end of the client's body.
        using RequestContent? content = request.Body is null ? null : new(request.Body, timeout.Renew);
        try
        {
            timeout.Expect(route.Limits.Timeout);
            using HttpRequestMessage message = Http2Message.Of(request.Outgoing, client.Address, content)
                ?? throw new UpstreamException(UpstreamFailure.NotForwardable, "its method, target or host can't be sent over HTTP/2");
            using HttpResponseMessage response = await client.SendAsync(message, timeout.Token);
            ResponseHead head = Http2Message.HeadOf(response);
            bool isStream = head.IsEventStream || request.Outgoing.IsGrpc;
            if (isStream) turn.Dispose();
            if (head.IsEventStream) answer.EndWithClient();
            answer.Apply(head);
            if (head.FramingFor(request.Outgoing.IsHead) == BodyFraming.None || head.Status == StatusCodes.Status205ResetContent)
                return new(null, null, CanBeUndone: false);

            await using Stream stream = await response.Content.ReadAsStreamAsync(timeout.Token);
            using var body = new Http2ResponseBody(response, stream, timeout);
            bool isBuffered = route.Shared.Options.Buffering.IsOn && !request.Outgoing.IsGrpc;
            return new(null, await answer.ForwardAsync(body, isStream, isBuffered), CanBeUndone: false);
        }
        catch (UpstreamException e)
        {
            return answer.Fail(content?.Failure ?? e);
        }
        catch (OperationCanceledException e)
        {
            return answer.Fail(content?.Failure ?? timeout.ReasonOf(e));
        }
        finally
        {
            if (content is not null) await content.EndAsync();
        }
    }
}
