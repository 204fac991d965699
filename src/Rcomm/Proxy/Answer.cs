using Microsoft.AspNetCore.Http;
using Rcomm.Proxy.Bodies;
using Rcomm.Proxy.Http1;
using Rcomm.Transport.Connections;

namespace Rcomm.Proxy;

/// <summary>The result of a request to one upstream.</summary>
/// <param name="Failure">Null if it was answered.</param>
/// <param name="Rest">Completes when the client has the whole response; null if nothing is left to wait for.</param>
/// <param name="CanBeUndone">Whether the client can still get an error, or another upstream be tried.</param>
internal readonly record struct Attempt(UpstreamException? Failure, Task? Rest, bool CanBeUndone);

/// <summary>An upstream's response on its way to the client.</summary>
internal sealed class Answer(HttpContext context, RouteForwarding route)
{
    private ResponseHead? _applied;
    private bool _hasBodyWritten;

    /// <summary>Whether the client can still get an error, or another upstream be tried.</summary>
    public bool CanBeUndone => !context.Response.HasStarted && !_hasBodyWritten;

    /// <summary>Sets the status and the fields of the client's response.</summary>
    public void Apply(ResponseHead head)
    {
        _applied = head;
        route.Shared.AnswerHead.Apply(head, context);
    }

    /// <summary>
    /// Forwards the body and the trailers. The returned task completes when the client has the whole response; null if nothing is left to wait for.
    /// </summary>
    /// <param name="isStream">True for a stream that may be silent for long and whose parts must be sent immediately.</param>
    /// <param name="isBuffered">True if a slow client must not slow the upstream down.</param>
    public async ValueTask<Task?> ForwardAsync(IBodySource body, bool isStream, bool isBuffered)
    {
        TimeSpan timeout = isStream ? route.Shared.Options.StreamTimeout : route.Limits.Timeout;
        var forwarded = new AnswerBody(context, body, isBuffered ? route.Shared.Options.Buffering.File : null, route.Shared.Budget, timeout);
        Task? rest = null;
        try
        {
            rest = await forwarded.ForwardAsync();
        }
        finally
        {
            _hasBodyWritten = forwarded.HasWritten;
            if (rest is null) forwarded.NoteSent();
        }
        AppendTrailers(body);
        return rest;
    }

    /// <summary>Ends the response when the client closes its side: during an endless stream, nothing else would reveal that it is gone.</summary>
    public void EndWithClient()
    {
        if (context.Features.Get<IHalfClosedFeature>() is { } halfClosed) halfClosed.IsKept = false;
    }

    /// <summary>Returns the result of a failed attempt.</summary>
    public Attempt Fail(UpstreamException failure)
    {
        bool canBeUndone = CanBeUndone;
        if (canBeUndone && _applied is { } head) AnswerHead.Withdraw(head, context);
        return new(failure, null, canBeUndone);
    }

    private void AppendTrailers(IBodySource body)
    {
        if (body.Trailers is not { Count: > 0 } trailers || !context.Response.SupportsTrailers()) return;
        foreach ((string name, string value) in trailers)
            if (!FieldRules.IsHopByHop(name) && !FieldRules.Is(name, "Content-Length")) context.Response.AppendTrailer(name, value);
    }
}
