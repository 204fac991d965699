using System.Text;

namespace Rcomm.Http;

/// <summary>
/// How Kestrel decodes field values: one character for each byte (Latin-1). Values are opaque (RFC 9110, section 5.5), so this forwards them unchanged.
/// </summary>
internal static class HeaderEncodings
{
    private static readonly ConnectionEncoding Connection = new();

    public static Encoding ForRequests(string field) => field.Length == 10 && field.Equals("Connection", StringComparison.OrdinalIgnoreCase)
        ? Connection
        : Encoding.Latin1;

    public static Encoding ForAnswers(string field) => Encoding.Latin1;

    /// <summary>
    /// Kestrel replaces a Connection field that contains one of "close", "keep-alive" or "upgrade" by that token, and loses the other names in it, which
    /// a proxy must not forward (RFC 9110, section 7.6.1). It doesn't change a field with none of these or with two, so this adds one in a way that keeps
    /// the meaning.
    /// </summary>
    private sealed class ConnectionEncoding : Encoding
    {
        public override int GetCharCount(byte[] bytes, int index, int count) => Read(bytes.AsSpan(index, count)).Length;

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
        {
            string text = Read(bytes.AsSpan(byteIndex, byteCount));
            text.CopyTo(chars.AsSpan(charIndex));
            return text.Length;
        }

        public override int GetByteCount(char[] chars, int index, int count) => count;

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

        public override int GetMaxByteCount(int charCount) => charCount;

        public override int GetMaxCharCount(int byteCount) => byteCount + ", keep-alive".Length;

        private static string Read(ReadOnlySpan<byte> bytes)
        {
            string text = Latin1.GetString(bytes);
            if (!text.Contains(',', StringComparison.Ordinal)) return text;

            string[] options = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            bool closes = Has(options, "close"), upgrades = Has(options, "upgrade"), keeps = Has(options, "keep-alive");
            if (keeps && !closes && !upgrades)
                return string.Join(", ", options.Where(option => !option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)));
            return closes != upgrades && !keeps && options.Length > 1 ? text + ", keep-alive" : text;
        }

        private static bool Has(string[] options, string option) => options.Contains(option, StringComparer.OrdinalIgnoreCase);
    }
}
