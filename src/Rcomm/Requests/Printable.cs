using System.Globalization;
using System.Text;

namespace Rcomm.Requests;

/// <summary>Makes untrusted text safe for a terminal or a log: no control characters (C0, DEL, C1) and none that change the direction of text.</summary>
internal static class Printable
{
    /// <summary>Replaces such characters by <c>\xHH</c>, as Apache and nginx do.</summary>
    public static string Of(string? text) => Of(text, keepLines: false);

    /// <summary>Does the same but keeps line breaks, for messages that contain untrusted text.</summary>
    public static string OfLines(string text) => Of(text, keepLines: true);

    private static string Of(string? text, bool keepLines)
    {
        if (string.IsNullOrEmpty(text)) return "";
        int first = 0;
        while (first < text.Length && !IsControl(text[first], keepLines)) first++;
        if (first == text.Length) return text;

        var printable = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (char c in text.AsSpan(first))
        {
            if (!IsControl(c, keepLines)) printable.Append(c);
            else if (c <= '\xff') printable.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}");
            else printable.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
        }
        return printable.ToString();
    }

    private static bool IsControl(char c, bool keepLines) => c switch
    {
        '\n' or '\t' => !keepLines,
        < ' ' or (>= '\x7f' and <= '\x9f') => true,
        (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') => true,
        _ => false,
    };
}
