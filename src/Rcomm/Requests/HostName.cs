using System.Globalization;

namespace Rcomm.Requests;

/// <summary>
/// Host names in their normal form, for comparisons: lower case, internationalized labels in ASCII form (RFC 5891), no port, no trailing dot.
/// </summary>
internal static class HostName
{
    private const string AsciiPrefix = "xn--";

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>
    /// Normalizes the name from a Host field, a certificate, SNI or a setting; keeps a leading <c>*.</c>. Returns null if it isn't a valid name.
    /// </summary>
    public static string? Normalize(string text)
    {
        ReadOnlySpan<char> name = WithoutPort(text);
        if (name is [.., '.']) name = name[..^1];
        if (name.IsEmpty) return null;

        string lower = name.ToString().ToLowerInvariant();
        if (lower.StartsWith("*.", StringComparison.Ordinal)) return Normalize(lower[2..]) is { } below ? "*." + below : null;
        if (!IsInternational(lower)) return lower;
        try
        {
            // Converted in both directions, so that only valid ASCII forms are accepted.
            string ascii = Idn.GetAscii(lower);
            _ = Idn.GetUnicode(ascii);
            return ascii.ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Returns the host without its port.</summary>
    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        int colon = host.LastIndexOf(':');
        // An IPv6 address has its colons in brackets.
        return colon < 0 || colon < host.LastIndexOf(']') ? host : host[..colon];
    }

    /// <summary>Returns false for a name on which the framework's HostString throws.</summary>
    public static bool IsReadable(string host) => !IsInternational(host) || Normalize(host) is not null;

    // Few names have two hyphens, which are found faster than letters in any case.
    private static bool IsInternational(string name) =>
        (name.Contains("--", StringComparison.Ordinal) && name.Contains(AsciiPrefix, StringComparison.OrdinalIgnoreCase))
            || !System.Text.Ascii.IsValid(name);
}
