using System.Text;

namespace Rcomm.Shared.Linux;

/// <summary>
/// Converts between the bytes of a path and text. Linux file names are bytes. Bytes that aren't UTF-8 become lone surrogates, U+DC80 to U+DCFF for 0x80
/// to 0xFF. Valid UTF-8 never contains these, so nothing is lost (as in Python's surrogateescape).
/// </summary>
internal static class FileName
{
    private const char FirstEscape = '\udc00';

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            var text = new StringBuilder(bytes.Length);
            while (!bytes.IsEmpty)
            {
                bool isRune = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
                if (isRune) text.Append(rune.ToString());
                else foreach (byte one in bytes[..length]) text.Append((char)(FirstEscape + one));
                bytes = bytes[length..];
            }
            return text.ToString();
        }
    }

    public static byte[] Encode(string text)
    {
        if (!HasEscapes(text)) return Encoding.UTF8.GetBytes(text);

        var bytes = new List<byte>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (IsEscape(text, i)) bytes.Add((byte)(text[i] - FirstEscape));
            else if (char.IsHighSurrogate(text[i])) bytes.AddRange(Encoding.UTF8.GetBytes(text, i++, 2));
            else bytes.AddRange(Encoding.UTF8.GetBytes(text, i, 1));
        }
        return [.. bytes];
    }

    /// <summary>Returns the bytes with a final NUL, as the C library expects a path.</summary>
    public static byte[] EncodeForCall(string text) => [.. Encode(text), 0];

    public static bool HasEscapes(string text)
    {
        for (int i = 0; i < text.Length; i++)
            if (IsEscape(text, i)) return true;
        return false;
    }

    private static bool IsEscape(string text, int i) => text[i] is >= '\udc80' and <= '\udcff' && (i == 0 || !char.IsHighSurrogate(text[i - 1]));
}
