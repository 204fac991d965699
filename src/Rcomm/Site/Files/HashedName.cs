using System.Text.RegularExpressions;

namespace Rcomm.Site.Files;

/// <summary>
/// Recognizes names in which a build tool has put a hash of the content: <c>app.3f9a1c07.js</c>, <c>index-B4xq9Ks2.css</c>, <c>main-5XQ2K7LD.js</c>. A
/// false positive would be cached for a year, so anything that may be a word, a date or a version is not taken for a hash. A missed hash only costs a
/// request that is answered with 304.
/// </summary>
internal static partial class HashedName
{
    // Changes between kinds of characters: B|4|xq|9|K|s|2 has six, S|ummer|24 two, W|in|11|P|ro four.
    private const int MinChangesOfHex = 2, MinChangesOfBase32 = 3, MinChangesOfBase64 = 5;

    public static bool Is(string path)
    {
        Match found = Hash().Match(path[(path.LastIndexOf('/') + 1)..]);
        if (!found.Success || !HasDigitBetweenLetters(found.Groups[1].Value)) return false;

        string hash = found.Groups[1].Value;
        if (hash.All(char.IsAsciiHexDigitLower)) return Changes(hash) >= MinChangesOfHex;
        if (hash.Length != 8) return false;
        return hash.All(c => char.IsAsciiLetterUpper(c) || c is >= '2' and <= '7')
            ? Changes(hash) >= MinChangesOfBase32
            : hash.Any(char.IsAsciiLetterUpper) && hash.Any(char.IsAsciiLetterLower) && Changes(hash) >= MinChangesOfBase64;
    }

    private static bool HasDigitBetweenLetters(string hash)
    {
        string inner = hash.Trim("0123456789_-".ToCharArray());
        return inner.Any(char.IsAsciiDigit);
    }

    private static int Changes(string hash) => hash.Zip(hash.Skip(1)).Count(pair => KindOf(pair.First) != KindOf(pair.Second));

    private static int KindOf(char c) => char.IsAsciiDigit(c) ? 0 : char.IsAsciiLetterLower(c) ? 1 : char.IsAsciiLetterUpper(c) ? 2 : 3;

    // After the last dot or dash before the extension (and .map, or .min). Hexadecimal: webpack and Parcel 8 or 20, Django 12, Next.js 16, Rails 32 or
    // 64, Hugo 64, others 10 and 40. Base64url of 8: Vite, Rollup. Base32 of 8: esbuild, Angular. File types that build tools write: code, styles, fonts,
    // images, audio, video.
    [GeneratedRegex(
        @"[.-]([0-9a-f]{8}|[0-9a-f]{10}|[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{20}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9A-Za-z_-]{8})" +
        @"(\.min|\.module|\.chunk|\.bundle)?" +
        @"\.(m?js|cjs|css|json|wasm|svg|png|jpe?g|gif|webp|avif|ico|woff2?|ttf|otf|eot|mp3|mp4|webm|ogg)(\.map)?$")]
    private static partial Regex Hash();
}
