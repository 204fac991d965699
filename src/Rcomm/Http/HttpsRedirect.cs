using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Rcomm.Requests;

namespace Rcomm.Http;

/// <summary>Redirects requests on the plain listener to HTTPS.</summary>
internal static class HttpsRedirect
{
    private const int HttpsPort = 443;
    private static readonly object Mark = new();

    /// <summary>Marks the connections of the plain listener.</summary>
    public static void MarkConnections(ListenOptions endpoint) => endpoint.Use(next => connection =>
    {
        connection.Items[Mark] = true;
        return next(connection);
    });

    /// <summary>Redirects the request of a marked connection, and passes on any other.</summary>
    /// <param name="port">The port at which clients reach HTTPS.</param>
    public static Task InvokeAsync(HttpContext context, RequestDelegate next, int port)
    {
        bool isPlain = context.Feature<IConnectionItemsFeature>()?.Items.ContainsKey(Mark) == true;
        if (!isPlain) return next(context);

        // As the client sent it: the framework's Host decodes internationalized names, which headers can't contain.
        string name = HostName.WithoutPort(context.Request.Headers.Host.ToString()).ToString();
        if (name == "" || OriginForm.Of(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is not { } target)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        }
        string host = port == HttpsPort ? name : $"{name}:{port}";
        context.Response.Headers.Location = $"https://{host}{target}";
        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        return Task.CompletedTask;
    }
}
