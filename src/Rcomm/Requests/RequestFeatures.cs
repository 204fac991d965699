using Microsoft.AspNetCore.Http;
using Rcomm.Transport.Connections;

namespace Rcomm.Requests;

/// <summary>Features of a request, found quickly.</summary>
internal static class RequestFeatures
{
    /// <summary>
    /// A feature of the request or its connection; null where there is none. <c>Features.Get</c> is looked for among generic virtual
    /// methods at each call, which costs more.
    /// </summary>
    public static T? Feature<T>(this HttpContext context) where T : class => (T?)context.Features[typeof(T)];

    /// <summary>
    /// A time before which the request was sent, by <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>: what was looked up after it is true for the
    /// request. In the far future where nobody knows.
    /// </summary>
    public static long SentBefore(this HttpContext context) => context.Feature<IReceivedFeature>()?.ReceivedAt ?? long.MaxValue;
}
