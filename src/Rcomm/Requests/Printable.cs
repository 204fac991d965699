using System.Globalization;
using System.Text;

namespace Rcomm.Requests;

/// <summary>Text that others chose, for a terminal or a log: no character of it controls either (C0, DEL, C1, and what turns the direction of text).</summary>
internal static class Printable
{
    /// <summary>The text with <c>\xHH</c> in the place of such characters, as Apache and nginx write them.</summary>
    public static string Of(string? text) => Of(text, keepLines: false);

    /// <summary>The same, but line ends stay: for sentences of ours that hold others' words.</summary>
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
