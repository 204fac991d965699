using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Rcomm.Connections.Http1;
using Rcomm.Http;
using Rcomm.Proxy;
using Rcomm.Requests;
using Rcomm.Settings;
using Rcomm.Site;

namespace Rcomm.Server;

/// <summary>
/// Builds the pipeline of a request. Steps that no setting needs are left out.
/// <list type="number">
/// <item>Record the request in the metrics and the access log, once the response is complete.</item>
/// <item>Answer with 500 if a later step fails.</item>
/// <item>Take the client's address and scheme from a trusted proxy.</item>
/// <item>Add the headers of every response: request id, security headers.</item>
/// <item>Refuse malformed requests: control characters, bad fields and hosts.</item>
/// <item>Ask the client to close the connection during a drain or at the limit of requests.</item>
/// <item>Answer ACME challenges. For other requests: redirect to HTTPS, check addresses, CORS and passwords.</item>
/// <item>Forward to an upstream, or answer from the site of the requested host.</item>
/// </list>
/// </summary>
internal static class Pipeline
{
    private static readonly object RequestCount = new();

    /// <param name="tlsPort">The port of HTTPS, for listeners that redirect to it; null if there are none.</param>
    public static void Build(WebApplication app, ServeSettings settings, RefusedClients refused, int? tlsPort)
    {
        HttpSettings safety = settings.Http;
        HostedSites sites = app.Services.GetRequiredService<HostedSites>();
        var recorder = new RequestRecorder(app.Services.GetRequiredService<RequestMetrics>(), app.Services.GetRequiredService<LogOutputs>().AccessLog);
        app.Use(next => context => recorder.InvokeAsync(context, next));
        var failed = new FailedRequests(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Rcomm"),
            (context, status) => sites.For(context).SendErrorAsync(context, status));
        app.Use(next => context => failed.InvokeAsync(context, next));
        if (safety.TrustedProxies.Count > 0) AddForwarded(app, safety);
        if (settings.Log.RequestId) app.Use(next => context => RequestId.InvokeAsync(context, next));
        AddHeaders(app, safety);
        app.Use(next => context => RequestChecks.InvokeAsync(context, next, refused));
        ConnectionDrain drain = app.Services.GetRequiredService<ConnectionDrain>();
        app.Use(next => context => drain.InvokeAsync(context, next));
        if (safety.Limits.RequestsPerConnection is > 0 and int max) app.Use(next => context => CountAsync(context, next, max));
        Func<HttpContext, string, Task<bool>> trySendFile = (context, path) => sites.For(context).TrySendFileAsync(context, path);
        app.UseWhen(AcmeChallenges.IsChallenge, challenges => challenges.Use(next => context => AcmeChallenges.InvokeAsync(context, next, trySendFile)));
        BasicAuthentication? authentication = app.Services.GetService<BasicAuthentication>();
        bool hasAddressRules = safety.Allowed.Count + safety.Denied.Count > 0, hasCors = safety.CorsOrigins.Count > 0;
        bool isGuarded = tlsPort is not null || hasAddressRules || hasCors || authentication is not null;
        if (isGuarded) app.UseWhen(context => !AcmeChallenges.IsChallenge(context), guarded =>
        {
            if (tlsPort is { } port) guarded.Use(next => context => HttpsRedirect.InvokeAsync(context, next, settings.Tls?.PublicPort ?? port));
            if (hasAddressRules) AddAddressRules(guarded, safety, sites);
            if (hasCors) AddCors(guarded, safety.CorsOrigins);
            if (authentication is not null) AddPasswords(guarded, authentication, sites);
        });
        if (app.Services.GetService<ReverseProxy>() is { } proxy) AddProxy(app, proxy, sites);
        app.Run(sites.AnswerAsync);
    }

    private static void AddProxy(WebApplication app, ReverseProxy proxy, HostedSites sites)
    {
        Task SendErrorAsync(HttpContext context, int status) => sites.For(context).SendErrorAsync(context, status);
        app.Use(next => context => StrictRequests.FollowUpgradesAsync(context, next));
        app.Use(next => context => proxy.InvokeAsync(context, next, SendErrorAsync));
        app.Lifetime.ApplicationStarted.Register(proxy.Start);
    }

    private static void AddForwarded(WebApplication app, HttpSettings safety)
    {
        var forwarded = new ForwardedHeader(safety.TrustedProxies);
        app.Use(next => context =>
        {
            forwarded.Apply(context);
            return next(context);
        });
    }

    private static void AddHeaders(WebApplication app, HttpSettings safety)
    {
        (string Name, StringValues Value)[] always = [.. safety.Headers.Select(header => (header.Key, new StringValues(header.Value)))];
        (string Name, StringValues Value)[] secure = [.. always, .. safety.SecureHeaders.Select(header => (header.Key, new StringValues(header.Value)))];
        app.Use(next => context =>
        {
            IHeaderDictionary headers = context.Response.Headers;
            foreach ((string name, StringValues value) in context.Request.IsHttps ? secure : always) headers[name] = value;
            return next(context);
        });
    }

    private static void AddCors(IApplicationBuilder app, IReadOnlyList<string> origins)
    {
        if (origins.Contains("*"))
        {
            app.UseCors(policy => policy.AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod());
            return;
        }
        // Responses to other origins, or without one, lack the CORS header, so a cache must not serve them to the allowed origins.
        app.Use(next => context =>
        {
            context.Response.OnStarting(VaryByOrigin, context.Response);
            return next(context);
        });
        app.UseCors(policy => policy.WithOrigins([.. origins]).AllowAnyHeader().AllowAnyMethod());
    }

    private static Task VaryByOrigin(object response)
    {
        IHeaderDictionary headers = ((HttpResponse)response).Headers;
        if (!headers.GetCommaSeparatedValues("Vary").Contains("Origin", StringComparer.OrdinalIgnoreCase)) headers.AppendCommaSeparatedValues("Vary", "Origin");
        return Task.CompletedTask;
    }

    private static void AddAddressRules(IApplicationBuilder app, HttpSettings safety, HostedSites sites)
    {
        var rules = new AddressRules(safety.Allowed, safety.Denied);
        app.Use(next => context => rules.Serves(context) ? next(context) : sites.For(context).SendErrorAsync(context, StatusCodes.Status403Forbidden));
    }

    private static void AddPasswords(IApplicationBuilder app, BasicAuthentication authentication, HostedSites sites) => app.Use(next => async context =>
    {
        if (await authentication.AdmitsAsync(context)) await next(context);
        else await sites.For(context).SendErrorAsync(context, StatusCodes.Status401Unauthorized);
    });

    private static Task CountAsync(HttpContext context, RequestDelegate next, int max)
    {
        IDictionary<object, object?> items = context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
        int count;
        lock (items) items[RequestCount] = count = (items.TryGetValue(RequestCount, out object? before) ? (int)before! : 0) + 1;
        if (count >= max)
        {
            // HTTP/1.1 tells the client with a header, HTTP/2 with GOAWAY.
            if (HttpProtocol.IsHttp11(context.Request.Protocol)) context.Response.Headers.Connection = "close";
            else context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
        return next(context);
    }
}
