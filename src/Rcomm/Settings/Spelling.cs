namespace Rcomm.Settings;

/// <summary>Finds the known name that a misspelt one was probably meant to be.</summary>
internal static class Spelling
{
    /// <summary><c> Did you mean RCOMM_BACKLOG?</c>, or nothing where no known name is near.</summary>
    public static string DidYouMean(string name, IEnumerable<string> known) =>
        Nearest(name, known, Math.Max(2, name.Length / 4)) is { } nearest ? $" Did you mean {nearest}?" : "";

    /// <summary>The known name that takes the fewest changes; null where more than <paramref name="maxDistance"/> letters differ.</summary>
    public static string? Nearest(string name, IEnumerable<string> known, int maxDistance)
    {
        (string? nearest, int distance) = known
            .Select(candidate => (candidate, Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .DefaultIfEmpty((null!, int.MaxValue))
            .MinBy(pair => pair.Item2);
        return distance <= maxDistance ? nearest : null;
    }

    // Levenshtein's distance, one row at a time.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
