using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Http.AccessLogging;
using Rcomm.Requests;

namespace Rcomm.Http;

/// <summary>Counts and logs the requests that Kestrel itself refuses, from its diagnostic event.</summary>
/// <param name="refused">Counts the refused requests.</param>
/// <param name="log">Logs each of them; null if the access log is off.</param>
internal sealed class KestrelRefusals(RefusedClients refused, AccessLog? log) : IObserver<KeyValuePair<string, object?>>
{
    /// <summary>The event for a request that Kestrel refuses; its value is the connection's features.</summary>
    public const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public void OnNext(KeyValuePair<string, object?> value)
    {
        // Once the response has started, Kestrel refuses only the rest of an unread body.
        if (value.Value is not IFeatureCollection request || request.Get<IHttpResponseFeature>() is { HasStarted: true }) return;
        int status = request.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException e ? e.StatusCode : StatusCodes.Status400BadRequest;
        refused.Add(status switch
        {
            StatusCodes.Status408RequestTimeout => RefusedClients.RequestTimeout,
            StatusCodes.Status413PayloadTooLarge => RefusedClients.BodyTooLarge,
            StatusCodes.Status414UriTooLong => RefusedClients.TargetTooLong,
            StatusCodes.Status431RequestHeaderFieldsTooLarge => RefusedClients.HeadersTooLarge,
            _ => RefusedClients.BadRequest,
        });
        // A request that reached the pipeline has its line already.
        if (log is not null && request.Get<LoggedRequest>() is null) log.Write(AccessEntry.OfRefused(request, status));
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
