using Microsoft.AspNetCore.Server.Kestrel.Core;
using Rcomm.Kestrel.FastPath;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel;

/// <summary>Extension methods for ready answers on connections that Kestrel serves, e.g. encrypted ones.</summary>
public static class ReadyAnswersExtensions
{
    /// <summary>
    /// Answers plain HTTP/1.1 requests on the endpoint's connections before Kestrel's HTTP reads them, if their answers are ready. Call it after
    /// <c>UseHttps</c> and before anything else that wraps the transport. HTTP/2 connections are left to Kestrel. For connections without TLS, use
    /// <see cref="ConnectionOptions.ReadyAnswers"/>, which costs less.
    /// </summary>
    /// <param name="endpoint">The endpoint; its limits for idle connections and slow clients apply.</param>
    /// <param name="answers">The answers that are ready.</param>
    public static ListenOptions UseReadyAnswers(this ListenOptions endpoint, IReadyAnswers answers)
    {
        KestrelServerLimits limits = endpoint.KestrelServerOptions.Limits;
        endpoint.Use(next => connection => FastPathSession.InvokeAsync(connection, next, answers, limits));
        return endpoint;
    }
}
