using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Win32.SafeHandles;
using Rcomm.Requests;
using Rcomm.Site.Answers;
using Rcomm.Site.FastPath;
using Rcomm.Site.Files;
using Rcomm.Site.Routing;
using Rcomm.Site.Rules;

namespace Rcomm.Site;

/// <summary>Answers requests with the files of one document root.</summary>
internal sealed class StaticSite : IDisposable
{
    private const int MaxAttempts = 50;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);

    private readonly SiteOptions _options;
    private readonly FileCache _cache;
    private readonly FileStore _store;
    private readonly FileAnswer _files;
    private readonly ErrorAnswers _errors;
    private readonly Router _router;
    private readonly FolderListing _listing;
    private readonly RedirectRules _redirects;
    private readonly ReadyTable? _ready;

    /// <param name="ready">The fast path's table for answers; null for none.</param>
    public StaticSite(SiteOptions options, ReadyTable? ready = null)
    {
        _options = options;
        _ready = ready;
        var root = new DocumentRoot(options.DocumentRoot, options.FollowLinks, new PrivateFiles(options.PrivateFiles));
        _cache = new FileCache(options.CacheSize);
        _store = new FileStore(root, new FileReader(root, options), _cache);
        _files = new FileAnswer(root, _store, ready);
        _errors = new ErrorAnswers(root, _store, _files, options.ErrorPages, ready);
        _router = new Router(root, [.. options.ErrorPages.Values]);
        _listing = new FolderListing(root, _router, ready);
        _redirects = new RedirectRules(options.Redirects);
    }

    /// <summary>
    /// Answers a request. Most requests need only the first three steps:
    /// <list type="number">
    /// <item>Parse the target. Its normal form is the cache key, however it was spelled.</item>
    /// <item>Apply the redirect rules, for every method. Everything else is for GET and HEAD.</item>
    /// <item>Send a file cached under the key from memory, on this thread, if its stamp is unchanged.</item>
    /// <item>Otherwise continue on a thread-pool thread, since the next steps may wait for a disk.</item>
    /// <item>Apply the rewrite rules.</item>
    /// <item>Let the router find what is there: a file, opened and with its stamp, a folder, another URL, or nothing.</item>
    /// <item>Use the cached file if the stamps are equal; otherwise read it, once for all concurrent requests.</item>
    /// <item>Send it, from memory or, if it is large, from the open handle.</item>
    /// <item>Ask the router again if the file changed meanwhile or no descriptor was free.</item>
    /// </list>
    /// </summary>
    public Task AnswerAsync(HttpContext context)
    {
        RequestTarget target = TargetOf(context);
        if (context.Request.Method == "OPTIONS" && target.IsServer) return DescribeServerAsync(context.Response);
        if (_options.Headers.Count > 0) HeaderRules.ApplyAtStart(context.Response, _options.Headers, target);
        if (_redirects.Find(target) is (int status, string location)) return RedirectAsync(context, status, location, ReadyTable.Watch(context));
        // Methods are case-sensitive (RFC 9110, section 9.1); the framework's own checks are not.
        if (context.Request.Method is not ("GET" or "HEAD"))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return _errors.SendAsync(context, StatusCodes.Status405MethodNotAllowed);
        }
        if (target.Key is null) return _errors.SendAsync(context, StatusCodes.Status404NotFound, ReadyTable.Watch(context));
        if (!_store.TryFind(target.Key, context.SentBefore(), out FoundFile kept)) return LookUpAsync(context, target);

        Task<bool> sent = _files.TrySendAsync(context, kept, handle: null);
        return sent.IsCompletedSuccessfully && sent.Result ? Task.CompletedTask : LookUpIfNotSentAsync(sent, context, target);
    }

    /// <summary>Answers with the file at a path, regardless of the site's rules. Returns false if there is none.</summary>
    public async Task<bool> TrySendFileAsync(HttpContext context, string path)
    {
        await ThreadPoolSwitch.SwitchAsync();
        RequestTarget target = RequestTarget.Parse(path);
        if (target.Key is null || _router.Find(target.Names, target.EndsWithSlash) is not Route.ToFile file) return false;
        return await TrySendAsync(context, file, target);
    }

    /// <summary>Answers with an error in the site's own format.</summary>
    public Task SendErrorAsync(HttpContext context, int status) => _errors.SendAsync(context, status);

    public void Dispose() => _cache.Dispose();

    private static RequestTarget TargetOf(HttpContext context) => RequestTarget.Parse(context.Feature<IHttpRequestFeature>()!.RawTarget);

    private async Task LookUpIfNotSentAsync(Task<bool> sent, HttpContext context, RequestTarget target)
    {
        if (!await sent) await LookUpAsync(context, target);
    }

    private async Task LookUpAsync(HttpContext context, RequestTarget target)
    {
        await ThreadPoolSwitch.SwitchAsync();
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            FileDependencies? dependencies = ReadyTable.Watch(context);
            Route route = Identify(target, dependencies);
            if (route is not Route.Busy && await TryAnswerAsync(context, route, target, dependencies)) return;
            if (route is Route.Busy || attempt > 2) await Task.Delay(RetryInterval, context.RequestAborted);
        }
        context.Response.Headers.RetryAfter = "1";
        await _errors.SendAsync(context, StatusCodes.Status503ServiceUnavailable);
    }

    private Route Identify(RequestTarget target, FileDependencies? dependencies)
    {
        if (RewriteOf(target.Path) is not { Key: not null } rewritten) return _router.Find(target.Names, target.EndsWithSlash, dependencies);

        // A rewrite is invisible to the client, so it isn't redirected to the file's own URL either.
        Route route = _router.Find(rewritten.Names, endsWithSlash: false, dependencies);
        return route is Route.ToUrl own ? _router.Find(RequestTarget.Parse(own.Path).Names, endsWithSlash: false, dependencies) : route;
    }

    private async Task<bool> TryAnswerAsync(HttpContext context, Route route, RequestTarget target, FileDependencies? dependencies)
    {
        if (route is Route.ToFile file) return await TrySendAsync(context, file, target);

        _store.Forget(target.Key!);
        // A missing image or script is an error, and isn't answered with a page.
        bool isForPage = _options.SinglePage && (target.Names.Count == 0 || !target.Names[^1].Contains('.'));
        // A folder of assets without a page is treated as any other path of the application.
        bool isFree = route is Route.Nowhere || (route is Route.ToFolder && !_options.Listing);
        if (isFree && isForPage && _router.Find([], endsWithSlash: false, dependencies) is Route.ToFile page)
            return await TrySendAsync(context, page, target);

        await (route switch
        {
            Route.ToUrl url => RedirectAsync(context, StatusCodes.Status301MovedPermanently, url.Path + target.Query, dependencies),
            Route.ToFolder folder when _options.Listing => _listing.SendAsync(context, folder.Path, dependencies),
            Route.Forbidden => _errors.SendAsync(context, StatusCodes.Status403Forbidden),
            _ => _errors.SendAsync(context, StatusCodes.Status404NotFound, dependencies),
        });
        return true;
    }

    private async Task<bool> TrySendAsync(HttpContext context, Route.ToFile route, RequestTarget target)
    {
        using SafeFileHandle handle = route.Entry.Handle!;
        StringValues cacheControl = _options.CacheControl(target.Path, route.Path);
        FoundFile found = await _store.LoadAsync(target.Key!, route.Path, route.Entry, cacheControl);
        return await _files.TrySendAsync(context, found, handle);
    }

    private RequestTarget? RewriteOf(string path)
    {
        foreach (Rewrite rewrite in _options.Rewrites)
            if (rewrite.From.Match(path) is { } stars) return RequestTarget.Parse(PathPattern.Fill(rewrite.To, stars));
        return null;
    }

    // "OPTIONS *" asks about the capabilities of the server (RFC 9110, section 9.3.7).
    private static Task DescribeServerAsync(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.Allow = "GET, HEAD, OPTIONS";
        return Task.CompletedTask;
    }

    private Task RedirectAsync(HttpContext context, int status, string location, FileDependencies? dependencies)
    {
        context.Response.Headers.Location = location;
        string text = $"The page is at {location}\n";
        _ready?.Offer(context, text, dependencies);
        return TextAnswer.SendAsync(context, status, text);
    }
}
