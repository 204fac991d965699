using Rcomm.Site.Routing;

namespace Rcomm.Site.Rules;

/// <summary>Finds redirect loops, which browsers give up on after twenty steps.</summary>
internal static class RedirectLoops
{
    private const int MaxSteps = 20, ShownOfEndless = 3;
    // Replaces each star; no rule contains it.
    private const string Anything = "rcomm-check";

    /// <summary>Returns the paths of a loop, from the first to where it closes; null if the redirect ends somewhere.</summary>
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
