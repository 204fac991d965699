using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Site.Routing;
using Yarp.ReverseProxy.Transforms;

namespace Rcomm.Proxy;

/// <summary>
/// Hands paths with an encoded slash on as they came (<c>/@scope%2fname</c>, as package registries and file stores have them). Kestrel decodes all of a path but these,
/// and what is encoded again afterwards would be <c>%252f</c>, another name.
/// </summary>
internal static class RequestTarget
{
    // Not one letter is changed: a path that is tidied up after its route was chosen could lead to another one.
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public static ValueTask Keep(RequestTransformContext request)
    {
        string target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        string path = RequestPath.Of(target);
        // Dots that lead up were followed when the route was chosen, so such a path is not what came.
        if (path.Contains("%2F", StringComparison.OrdinalIgnoreCase) && Ascii.IsValid(target) && !RequestPath.HasDots(path))
            request.ProxyRequest.RequestUri = new Uri(request.DestinationPrefix.TrimEnd('/') + path + RequestPath.QueryOf(target), AsItIs);
        return default;
    }
}
