namespace Rcomm.Settings;

/// <summary>Finds the known name that a misspelt one was probably meant to be.</summary>
internal static class Spelling
{
    private const int MaxSuggestions = 4;
    private const string VariablePrefix = Setting.VariablePrefix;

    /// <summary>Returns e.g. <c> Did you mean RCOMM_BACKLOG?</c>, or an empty string if no known name is similar.</summary>
    public static string DidYouMean(string name, IEnumerable<string> known)
    {
        string[] names = [.. known];
        int ownLetters = name.Length - (name.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase) ? VariablePrefix.Length : 0);
        string[] begun = name.Length <= VariablePrefix.Length ? []
            : [.. names.Where(candidate => candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        string[] meant = begun.Length > 0 ? begun
            : Nearest(name, names, Math.Max(1, ownLetters / 4)) is { } nearest ? [nearest] : Longer(name, names);
        return meant switch
        {
            [] or { Length: > MaxSuggestions } => "",
            [var only] => $" Did you mean {only}?",
            _ => $" Did you mean {string.Join(", ", meant[..^1])} or {meant[^1]}?",
        };
    }

    /// <summary>Returns the known name with the fewest changes; null if more than <paramref name="maxDistance"/> are needed.</summary>
    public static string? Nearest(string name, IEnumerable<string> known, int maxDistance)
    {
        (string? nearest, int distance) = known
            .Select(candidate => (candidate, Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .DefaultIfEmpty((null!, int.MaxValue))
            .MinBy(pair => pair.Item2);
        return distance <= maxDistance ? nearest : null;
    }

    // "--cert" is the start of a word in "--tls-certificate".
    private static string[] Longer(string name, string[] known)
    {
        string word = name.TrimStart('-');
        return word.Length < 3 ? [] : [.. known.Where(candidate =>
            candidate.TrimStart('-').StartsWith(word, StringComparison.OrdinalIgnoreCase)
                || candidate.Contains("-" + word, StringComparison.OrdinalIgnoreCase))];
    }

    // The Levenshtein distance, with a transposition as one change.
    private static int Distance(string a, string b)
    {
        int[,] changes = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) changes[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) changes[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
            for (int j = 1; j <= b.Length; j++)
            {
                int other = changes[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                changes[i, j] = Math.Min(Math.Min(changes[i - 1, j], changes[i, j - 1]) + 1, other);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) changes[i, j] = Math.Min(changes[i, j], changes[i - 2, j - 2] + 1);
            }
        return changes[a.Length, b.Length];
    }
}
