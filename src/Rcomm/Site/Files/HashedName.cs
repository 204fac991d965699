using System.Text.RegularExpressions;

namespace Rcomm.Site.Files;

/// <summary>
/// Tells names that a build tool gave to one content alone, like <c>app.3f9a1c07.js</c> or <c>index-B4xq9Ks2.css</c>. Dates and numbers are none: a hash has letters and digits,
/// and a page is never taken for one.
/// </summary>
internal static partial class HashedName
{
    public static bool Is(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        Match found = Hash().Match(name);
        if (!found.Success || name.EndsWith(".html", StringComparison.OrdinalIgnoreCase)) return false;

        string hash = found.Groups[1].Value;
        bool isHex = hash.All(char.IsAsciiHexDigitLower);
        return hash.Any(char.IsAsciiDigit) && (isHex ? hash.Any(char.IsAsciiLetter) : hash.Any(char.IsAsciiLetterUpper) && hash.Any(char.IsAsciiLetterLower));
    }

    // webpack, esbuild, Rollup and Vite: at least eight characters after a dot or a dash, then the extension (and .map).
    [GeneratedRegex(@"[.-]([0-9A-Za-z_-]{8}|[0-9a-f]{8,64})(\.[0-9a-z]{1,12}){1,2}$")]
    private static partial Regex Hash();
}
