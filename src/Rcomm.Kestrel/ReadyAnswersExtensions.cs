using Microsoft.AspNetCore.Server.Kestrel.Core;
using Rcomm.Kestrel.FastPath;
using Rcomm.Transport.FastPath;

namespace Rcomm.Kestrel;

/// <summary>Ready answers on connections that Kestrel has, e.g. encrypted ones.</summary>
public static class ReadyAnswersExtensions
{
    /// <summary>
    /// Answers plain HTTP/1.1 requests of the endpoint's connections before Kestrel's HTTP reads them, where their answers are ready. To be called after
    /// <c>UseHttps</c> and before anything that wraps the transport again. HTTP/2 connections are left to Kestrel. For connections without TLS use
    /// <see cref="ConnectionOptions.ReadyAnswers"/>, which costs less.
    /// </summary>
    /// <param name="endpoint">The endpoint; its limits for idle connections and slow clients count.</param>
    /// <param name="answers">The answers that are ready.</param>
    public static ListenOptions UseReadyAnswers(this ListenOptions endpoint, IReadyAnswers answers)
    {
        KestrelServerLimits limits = endpoint.KestrelServerOptions.Limits;
        endpoint.Use(next => connection => FastPathSession.InvokeAsync(connection, next, answers, limits));
        return endpoint;
    }
}
