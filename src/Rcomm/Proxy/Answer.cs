using Microsoft.AspNetCore.Http;
using Rcomm.Proxy.Bodies;
using Rcomm.Proxy.Http1;
using Rcomm.Transport.Connections;

namespace Rcomm.Proxy;

/// <summary>What came of a request at one upstream.</summary>
/// <param name="Failure">Null where it was answered.</param>
/// <param name="Rest">Ends when the client has all of the answer; null where nothing is left to wait for.</param>
/// <param name="CanBeUndone">True where the client can still be told of a failure, or another upstream asked.</param>
internal readonly record struct Attempt(UpstreamException? Failure, Task? Rest, bool CanBeUndone);

/// <summary>An upstream's answer on its way to the client.</summary>
internal sealed class Answer(HttpContext context, RouteForwarding route)
{
    private ResponseHead? _applied;
    private bool _hasBodyWritten;

    /// <summary>True where the client can still be told of a failure, or another upstream asked.</summary>
    public bool CanBeUndone => !context.Response.HasStarted && !_hasBodyWritten;

    /// <summary>Gives the client the status and the fields.</summary>
    public void Apply(ResponseHead head)
    {
        _applied = head;
        route.Shared.AnswerHead.Apply(head, context);
    }

    /// <summary>
    /// Forwards the body and the trailers. The task that is returned ends when the client has all of it; null where nothing is left to wait for.
    /// </summary>
    /// <param name="isStream">True for one that may be quiet for long and whose pieces are wanted at once.</param>
    /// <param name="isBuffered">True where the client's speed must not matter to the upstream.</param>
    public async ValueTask<Task?> ForwardAsync(IBodySource body, bool isStream, bool isBuffered)
    {
        TimeSpan silence = isStream ? route.Shared.Options.StreamTimeout : route.Limits.Timeout;
        var forwarded = new AnswerBody(context, body, isBuffered ? route.Shared.Options.Buffering.File : null, route.Shared.Budget, silence);
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

    /// <summary>Says that a client which ends its side has left: nothing else would tell of it while the answer is an endless stream.</summary>
    public void EndWithClient()
    {
        if (context.Features.Get<IHalfClosedFeature>() is { } halfClosed) halfClosed.IsKept = false;
    }

    /// <summary>The end of an attempt that failed.</summary>
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
