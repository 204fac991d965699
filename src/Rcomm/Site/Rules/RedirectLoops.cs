using Rcomm.Site.Routing;

namespace Rcomm.Site.Rules;

/// <summary>Finds redirects that lead a client round in a circle, which a browser gives up after twenty.</summary>
internal static class RedirectLoops
{
    private const int MaxSteps = 20;
    // In the place of each star; no rule names it.
    private const string Anything = "rcomm-check";

    /// <summary>The path that a redirect leads round from; null where it ends somewhere.</summary>
    public static string? Find(Redirect from, IReadOnlyList<Redirect> all)
    {
        var rules = new RedirectRules(all);
        string path = from.From.Example(Anything), start = path;
        for (int step = 0; step < MaxSteps; step++)
        {
            if (rules.Find(RequestTarget.Parse(path)) is not (_, string location) || !location.StartsWith('/')
                || location.StartsWith("//", StringComparison.Ordinal)) return null;
            path = location.Split('#')[0];
        }
        return start.Replace(Anything, "*");
    }
}
