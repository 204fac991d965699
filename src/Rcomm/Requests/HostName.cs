using System.Globalization;

namespace Rcomm.Requests;

/// <summary>
/// What a host is called, in the one form that names are compared in: small letters, internationalized labels in their ASCII form (RFC
/// 5891), no port, no dot at the end.
/// </summary>
internal static class HostName
{
    private const string AsciiPrefix = "xn--";

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>
    /// The name in a Host field, a certificate, a client's SNI or an operator's setting; a <c>*.</c> at its beginning stays. Null where it
    /// is not a name.
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
            // Both ways, so that what claims to be an ASCII form is one.
            string ascii = Idn.GetAscii(lower);
            _ = Idn.GetUnicode(ascii);
            return ascii.ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The name and the port apart; the port is empty where there is none.</summary>
    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        int colon = host.LastIndexOf(':');
        // The colons of an IPv6 address stand in brackets.
        return colon < 0 || colon < host.LastIndexOf(']') ? host : host[..colon];
    }

    /// <summary>False for a name that the framework's HostString cannot decode, and throws on.</summary>
    public static bool IsReadable(string host) => !IsInternational(host) || Normalize(host) is not null;

    private static bool IsInternational(string name) => name.Contains(AsciiPrefix, StringComparison.OrdinalIgnoreCase) || !System.Text.Ascii.IsValid(name);
}
