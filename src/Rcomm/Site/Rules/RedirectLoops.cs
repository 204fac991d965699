using Rcomm.Site.Routing;

namespace Rcomm.Site.Rules;

/// <summary>Finds redirects that lead a client round in a circle, which a browser gives up after twenty.</summary>
internal static class RedirectLoops
{
    private const int MaxSteps = 20, ShownOfEndless = 3;
    // In the place of each star; no rule names it.
    private const string Anything = "rcomm-check";

    /// <summary>The paths that a redirect leads round, from the first to where the circle closes; null where it ends somewhere.</summary>
    public static IReadOnlyList<string>? Find(Redirect from, IReadOnlyList<Redirect> all)
    {
        var rules = new RedirectRules(all);
        string path = from.From.Example(Anything);
        List<string> way = [path];
        for (int step = 0; step < MaxSteps; step++)
        {
            if (rules.Find(RequestTarget.Parse(path)) is not (_, string location)) return null;
            if (!location.StartsWith('/') || location.StartsWith("//", StringComparison.Ordinal)) return null;
            path = location.Split('#', '?')[0];
            way.Add(path);
        }
        int closed = way.FindIndex(1, one => RequestTarget.Parse(one).Path == RequestTarget.Parse(way[0]).Path);
        IEnumerable<string> shown = closed > 0 ? way.Take(closed + 1) : [.. way.Take(ShownOfEndless), "…"];
        return [.. shown.Select(one => one.Replace(Anything, "*", StringComparison.Ordinal))];
    }
}
