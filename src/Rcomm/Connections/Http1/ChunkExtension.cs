using System.Buffers;

namespace Rcomm.Connections.Http1;

/// <summary>Validates what may follow a chunk's size (RFC 9112, section 7.1.1): <c>;name</c> or <c>;name=value</c>, repeated.</summary>
internal static class ChunkExtension
{
    private static readonly SearchValues<byte> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <param name="text">The text from the first semicolon to the end of the line, without control characters.</param>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (text[0] != ';') return false;
            text = text[1..].TrimStart(" \t"u8);
            if (!TryToken(ref text)) return false;
            if (text is not [(byte)'=', .. var value]) continue;
            text = value.TrimStart(" \t"u8);
            if (!(text is [(byte)'"', ..] ? TryQuoted(ref text) : TryToken(ref text))) return false;
        }
        return true;
    }

    private static bool TryToken(ref ReadOnlySpan<byte> text)
    {
        int length = text.IndexOfAnyExcept(Token);
        if (length < 0) length = text.Length;
        text = text[length..].TrimStart(" \t"u8);
        return length > 0;
    }

    private static bool TryQuoted(ref ReadOnlySpan<byte> text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"')
            {
                text = text[(i + 1)..].TrimStart(" \t"u8);
                return true;
            }
        }
        return false;
    }
}
