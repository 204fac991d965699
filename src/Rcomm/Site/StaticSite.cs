using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Site.Answers;
using Rcomm.Site.Files;
using Rcomm.Site.Routing;
using Rcomm.Site.Rules;

namespace Rcomm.Site;

/// <summary>Answers requests with the files of one document root.</summary>
internal sealed class StaticSite : IDisposable
{
    private const int MaxAttempts = 50;
    private static readonly TimeSpan WhileBusy = TimeSpan.FromMilliseconds(20);

    private readonly SiteOptions _options;
    private readonly FileCache _cache;
    private readonly FileLoader _loader;
    private readonly FileAnswer _files;
    private readonly ErrorAnswers _errors;
    private readonly Router _router;
    private readonly FolderListing _listing;

    public StaticSite(SiteOptions options)
    {
        _options = options;
        var root = new DocumentRoot(options.DocumentRoot, options.FollowLinks);
        _cache = new FileCache(options.CacheSize);
        _loader = new FileLoader(root, options);
        _files = new FileAnswer(root);
        _errors = new ErrorAnswers(root, _loader, _cache, _files, options.ErrorPages);
        _router = new Router(root, [.. options.ErrorPages.Values]);
        _listing = new FolderListing(root, _router);
    }

    public Task AnswerAsync(HttpContext context)
    {
        // Methods are told apart by case (RFC 9110, section 9.1); the framework's own tests do not.
        if (context.Request.Method is not ("GET" or "HEAD"))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return _errors.SendAsync(context, StatusCodes.Status405MethodNotAllowed);
        }

        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        string path = RequestPath.Of(target);
        if (_options.Headers.Count > 0) AddHeaders(context.Response, target, path);
        if (_cache.Find(path) is { } kept && kept.IsCurrent())
        {
            Task<bool> sent = _files.TrySendAsync(context, kept);
            return sent.IsCompletedSuccessfully && sent.Result ? Task.CompletedTask : GoOnAsync(sent, context, target, path);
        }
        return LookUpAsync(context, target, path);
    }

    /// <summary>Answers with the file at a path, whatever the site's rules say of it; false where there is none.</summary>
    public async Task<bool> TrySendFileAsync(HttpContext context, string path)
    {
        await ThreadPoolSwitch.SwitchAsync();
        return RequestPath.TryParse(path, out List<string> names)
            && _router.Find(names, endsWithSlash: false) is Route.ToFile file
            && await _files.TrySendAsync(context, _loader.Load(file.Entry, file.Path));
    }

    /// <summary>Answers with an error in the site's own manner.</summary>
    public Task SendErrorAsync(HttpContext context, int status) => _errors.SendAsync(context, status);

    public void Dispose() => _cache.Dispose();

    private async Task GoOnAsync(Task<bool> sent, HttpContext context, string target, string path)
    {
        if (!await sent) await LookUpAsync(context, target, path);
    }

    private async Task LookUpAsync(HttpContext context, string target, string path)
    {
        await ThreadPoolSwitch.SwitchAsync();
        if (!RequestPath.TryParse(target, out List<string> names))
        {
            await _errors.SendAsync(context, StatusCodes.Status404NotFound);
            return;
        }
        bool endsWithSlash = path.EndsWith('/');
        string decoded = "/" + string.Join('/', names);
        if ((RedirectOf(decoded) ?? (endsWithSlash ? RedirectOf(decoded + "/") : null)) is (Redirect redirect, string url))
        {
            string query = url.Contains('?') ? "" : RequestPath.QueryOf(target);
            await RedirectAsync(context, redirect.Status, url + query);
            return;
        }
        bool isRewritten = RewriteOf(decoded) is { } rewritten && RequestPath.TryParse(rewritten, out names);
        endsWithSlash &= !isRewritten;

        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            Route route = _router.Find(names, endsWithSlash);
            // The client does not learn of a rewrite, so it is not sent to the URL that is the file's own either.
            if (isRewritten && route is Route.ToUrl own && RequestPath.TryParse(own.Path, out names)) route = _router.Find(names, endsWithSlash: false);
            if (route is not Route.Busy && await TryAnswerAsync(context, route, names, target, path)) return;
            if (route is Route.Busy || attempt > 2) await Task.Delay(WhileBusy, context.RequestAborted);
        }
        context.Response.Headers.RetryAfter = "1";
        await _errors.SendAsync(context, StatusCodes.Status503ServiceUnavailable);
    }

    private async Task<bool> TryAnswerAsync(HttpContext context, Route route, List<string> names, string target, string path)
    {
        switch (route)
        {
            case Route.ToFile file:
                return await _files.TrySendAsync(context, Store(file, path, names));
            case Route.ToUrl url:
                await RedirectAsync(context, StatusCodes.Status301MovedPermanently, url.Path + RequestPath.QueryOf(target));
                return true;
            case Route.ToFolder folder when _options.Listing:
                await _listing.SendAsync(context, folder.Path);
                return true;
            case Route.Forbidden:
                await _errors.SendAsync(context, StatusCodes.Status403Forbidden);
                return true;
            // A missing picture or script is missing, and is not answered with a page.
            case Route.Nowhere when _options.SinglePage && (names.Count == 0 || !names[^1].Contains('.')):
                return _router.Find([], endsWithSlash: false) is not Route.ToFile page
                    ? await NotFoundAsync(context)
                    : await _files.TrySendAsync(context, Store(page, path, names));
            default:
                return await NotFoundAsync(context);
        }
    }

    private async Task<bool> NotFoundAsync(HttpContext context)
    {
        await _errors.SendAsync(context, StatusCodes.Status404NotFound);
        return true;
    }

    // Kept under the path as it was asked for, but not under the many ways to write one.
    private StoredFile Store(Route.ToFile route, string path, List<string> names)
    {
        StoredFile found = _loader.Load(route.Entry, route.Path);
        StoredFile? kept = _cache.Find(path);
        if (kept is not null && kept.StaysFor(found)) return kept;
        if (RequestPath.ToUrl(names) == path || path == "/") _cache.Keep(path, found);
        return found;
    }

    private (Redirect, string)? RedirectOf(string path)
    {
        foreach (Redirect redirect in _options.Redirects)
            if (redirect.From.Match(path) is { } stars) return (redirect, PathPattern.Fill(redirect.To, stars));
        return null;
    }

    private string? RewriteOf(string path)
    {
        foreach (Rewrite rewrite in _options.Rewrites)
            if (rewrite.From.Match(path) is { } stars) return PathPattern.Fill(rewrite.To, stars);
        return null;
    }

    private void AddHeaders(HttpResponse response, string target, string path)
    {
        // By the names that are looked up: //style.css and /./style.css lead to the same file.
        if (!RequestPath.TryParse(target, out List<string> names)) return;
        string decoded = "/" + string.Join('/', names) + (path.EndsWith('/') && names.Count > 0 ? "/" : "");
        foreach (HeaderRule rule in _options.Headers)
        {
            if (!rule.Path.Matches(decoded)) continue;
            foreach ((string name, string value) in rule.Headers) response.Headers[name] = value;
        }
    }

    private static Task RedirectAsync(HttpContext context, int status, string location)
    {
        context.Response.Headers.Location = location;
        return TextAnswer.SendAsync(context, status, $"The page is at {location}\n");
    }
}
