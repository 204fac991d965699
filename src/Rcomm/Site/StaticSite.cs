using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Rcomm.Site;

/// <summary>Answers requests with the files of the document root.</summary>
internal sealed class StaticSite(DocumentRoot root)
{
    private readonly Router _router = new(root);

    public Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return FileResponse.SendTextAsync(context, StatusCodes.Status405MethodNotAllowed, "405 Method Not Allowed\n");
        }

        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        Route route = RequestPath.TryParse(target, out List<string> segments) ? _router.Find(segments) : new Route.Nowhere();
        return route switch
        {
            Route.ToFile file => FileResponse.SendAsync(context, StatusCodes.Status200OK, file),
            Route.ToUrl url => RedirectAsync(context, url.Path + RequestPath.QueryOf(target)),
            Route.Forbidden => FileResponse.SendTextAsync(context, StatusCodes.Status403Forbidden, "403 Forbidden\n"),
            _ => NotFoundAsync(context),
        };
    }

    private static Task RedirectAsync(HttpContext context, string location)
    {
        context.Response.Headers.Location = location;
        return FileResponse.SendTextAsync(context, StatusCodes.Status301MovedPermanently, $"The page is at {location}\n");
    }

    private Task NotFoundAsync(HttpContext context)
    {
        Entry page = root.Open(Router.NotFoundPage);
        return page.Kind == EntryKind.File
            ? FileResponse.SendAsync(context, StatusCodes.Status404NotFound, new Route.ToFile(page, Router.NotFoundPage))
            : FileResponse.SendTextAsync(context, StatusCodes.Status404NotFound, "404 Not Found\n");
    }
}
