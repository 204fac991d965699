using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Rcomm.Kestrel.Overload;

/// <summary>Notes, before everything else in the pipeline, that a connection has a request.</summary>
internal sealed class ActivityFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(follow => context => InvokeAsync(context, follow));
        next(app);
    };

    private static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // HTTP/3 has connections of its own.
        if (context.Features.Get<ConnectionActivity>() is not { } connection) return next(context);

        connection.RequestBegins();
        Task answered;
        try
        {
            answered = next(context);
        }
        catch
        {
            connection.RequestEnded();
            throw;
        }
        if (!answered.IsCompletedSuccessfully) return EndAsync(answered, connection);
        connection.RequestEnded();
        return answered;
    }

    private static async Task EndAsync(Task answered, ConnectionActivity connection)
    {
        try
        {
            await answered;
        }
        finally
        {
            connection.RequestEnded();
        }
    }
}
