using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Rcomm.Kestrel.Overload;

/// <summary>Adds a middleware, before all others, that records when a connection has a request.</summary>
internal sealed class ActivityFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(follow => context => InvokeAsync(context, follow));
        next(app);
    };

    private static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // Indexing by type costs less than the generic Features.Get, a generic virtual method. HTTP/3 connections don't have this feature.
        if (context.Features[typeof(ConnectionActivity)] is not ConnectionActivity connection) return next(context);

        bool hadBody = context.Features[typeof(IHttpRequestBodyDetectionFeature)] is not IHttpRequestBodyDetectionFeature { CanHaveBody: false };
        connection.RequestBegins();
        Task answered;
        try
        {
            answered = next(context);
        }
        catch
        {
            connection.RequestEnded(hadBody);
            throw;
        }
        if (!answered.IsCompleted) connection.RequestWaits();
        if (!answered.IsCompletedSuccessfully) return EndAsync(answered, connection, hadBody);
        connection.RequestEnded(hadBody);
        return answered;
    }

    private static async Task EndAsync(Task answered, ConnectionActivity connection, bool hadBody)
    {
        try
        {
            await answered;
        }
        finally
        {
            connection.RequestEnded(hadBody);
        }
    }
}
