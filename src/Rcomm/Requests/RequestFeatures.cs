using Microsoft.AspNetCore.Http;

namespace Rcomm.Requests;

/// <summary>Features of a request, found quickly.</summary>
internal static class RequestFeatures
{
    /// <summary>
    /// A feature of the request or its connection; null where there is none. <c>Features.Get</c> is looked for among generic virtual
    /// methods at each call, which costs more.
    /// </summary>
    public static T? Feature<T>(this HttpContext context) where T : class => (T?)context.Features[typeof(T)];
}
