using Microsoft.AspNetCore.Http;
using Rcomm.Transport.Connections;

namespace Rcomm.Requests;

/// <summary>Fast access to the features of a request.</summary>
internal static class RequestFeatures
{
    /// <summary>Returns a feature of the request or its connection, or null. Costs less than <c>Features.Get</c>, a generic virtual method.</summary>
    public static T? Feature<T>(this HttpContext context) where T : class => (T?)context.Features[typeof(T)];

    /// <summary>
    /// Returns a time before which the request was sent, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>: anything looked up later is current
    /// for the request. Returns the far future if it isn't known.
    /// </summary>
    public static long SentBefore(this HttpContext context) => context.Feature<IReceivedFeature>()?.ReceivedAt ?? long.MaxValue;
}
