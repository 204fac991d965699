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

    /// <param name="ready">Where answers are published for the fast path; null for nowhere.</param>
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
    /// The steps, of which most requests need three:
    /// <list type="number">
    /// <item>The target is parsed. Its normal form is the key, whichever way it was spelled.</item>
    /// <item>A redirect of the rules is for every method; whatever else there is, for GET and HEAD.</item>
    /// <item>A file that is kept under the key, and is still what it was by its stamp, is sent from memory, on this thread.</item>
    /// <item>Else the request goes on on a thread of the pool: from here on a disk may be waited for.</item>
    /// <item>The path is rewritten by the rules.</item>
    /// <item>The router identifies what is there: a file, which is then open and has its stamp, a folder, another URL, or nothing.</item>
    /// <item>A file that is kept with these stamps stays; another is read, once for all requests that wait for it.</item>
    /// <item>It is sent: from memory, or a large one by the handle that is open.</item>
    /// <item>Where it changed meanwhile, or no descriptor was free, the router is asked again.</item>
    /// </list>
    /// </summary>
    public Task AnswerAsync(HttpContext context)
    {
        RequestTarget target = TargetOf(context);
        if (context.Request.Method == "OPTIONS" && target.IsServer) return DescribeServerAsync(context.Response);
        if (_options.Headers.Count > 0) HeaderRules.ApplyAtStart(context.Response, _options.Headers, target);
        if (_redirects.Find(target) is (int status, string location)) return RedirectAsync(context, status, location, ReadyTable.Watch(context));
        // Methods are told apart by case (RFC 9110, section 9.1); the framework's own tests do not.
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

    /// <summary>Answers with the file at a path, whatever the site's rules say of it; false where there is none.</summary>
    public async Task<bool> TrySendFileAsync(HttpContext context, string path)
    {
        await ThreadPoolSwitch.SwitchAsync();
        RequestTarget target = RequestTarget.Parse(path);
        if (target.Key is null || _router.Find(target.Names, target.EndsWithSlash) is not Route.ToFile file) return false;
        return await TrySendAsync(context, file, target);
    }

    /// <summary>Answers with an error in the site's own manner.</summary>
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
            SeenPlaces? seen = ReadyTable.Watch(context);
            Route route = Identify(target, seen);
            if (route is not Route.Busy && await TryAnswerAsync(context, route, target, seen)) return;
            if (route is Route.Busy || attempt > 2) await Task.Delay(RetryInterval, context.RequestAborted);
        }
        context.Response.Headers.RetryAfter = "1";
        await _errors.SendAsync(context, StatusCodes.Status503ServiceUnavailable);
    }

    private Route Identify(RequestTarget target, SeenPlaces? seen)
    {
        if (RewriteOf(target.Path) is not { Key: not null } rewritten) return _router.Find(target.Names, target.EndsWithSlash, seen);

        // The client does not learn of a rewrite, so it is not sent to the URL that is the file's own either.
        Route route = _router.Find(rewritten.Names, endsWithSlash: false, seen);
        return route is Route.ToUrl own ? _router.Find(RequestTarget.Parse(own.Path).Names, endsWithSlash: false, seen) : route;
    }

    private async Task<bool> TryAnswerAsync(HttpContext context, Route route, RequestTarget target, SeenPlaces? seen)
    {
        if (route is Route.ToFile file) return await TrySendAsync(context, file, target);

        _store.Forget(target.Key!);
        // A missing picture or script is missing, and is not answered with a page.
        bool isForPage = _options.SinglePage && (target.Names.Count == 0 || !target.Names[^1].Contains('.'));
        // A folder of assets without a page is a path of the application's like any other.
        bool isFree = route is Route.Nowhere || (route is Route.ToFolder && !_options.Listing);
        if (isFree && isForPage && _router.Find([], endsWithSlash: false, seen) is Route.ToFile page)
            return await TrySendAsync(context, page, target);

        await (route switch
        {
            Route.ToUrl url => RedirectAsync(context, StatusCodes.Status301MovedPermanently, url.Path + target.Query, seen),
            Route.ToFolder folder when _options.Listing => _listing.SendAsync(context, folder.Path, seen),
            Route.Forbidden => _errors.SendAsync(context, StatusCodes.Status403Forbidden),
            _ => _errors.SendAsync(context, StatusCodes.Status404NotFound, seen),
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

    // "OPTIONS *" asks what the server can do at all (RFC 9110, section 9.3.7).
    private static Task DescribeServerAsync(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.Allow = "GET, HEAD, OPTIONS";
        return Task.CompletedTask;
    }

    private Task RedirectAsync(HttpContext context, int status, string location, SeenPlaces? seen)
    {
        context.Response.Headers.Location = location;
        string text = $"The page is at {location}\n";
        _ready?.Offer(context, text, seen);
        return TextAnswer.SendAsync(context, status, text);
    }
}
