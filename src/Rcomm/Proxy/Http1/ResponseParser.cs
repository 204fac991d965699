using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Rcomm.Proxy.Http1;

/// <summary>Parses the head of a response strictly (RFC 9112, sections 4 and 5): anything that could be understood in two ways isn't forwarded.</summary>
internal static class ResponseParser
{
    private const int MaxHead = 64 * 1024;
    private const int MaxFields = 500;

    private static readonly StringCache Strings = new();

    /// <summary>Parses a head. Returns false if it isn't complete yet.</summary>
    /// <param name="consumed">The length of the head.</param>
    /// <exception cref="UpstreamException">The head isn't valid.</exception>
    public static bool TryParse(in ReadOnlySequence<byte> buffer, ResponseHead head, out int consumed)
    {
        if (buffer.IsSingleSegment) return TryParse(buffer.FirstSpan, head, out consumed);

        int length = (int)Math.Min(buffer.Length, MaxHead);
        byte[] copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            buffer.Slice(0, length).CopyTo(copy);
            return TryParse(copy.AsSpan(0, length), head, out consumed);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private static bool TryParse(ReadOnlySpan<byte> bytes, ResponseHead head, out int consumed)
    {
        head.Clear();
        consumed = 0;
        if (!TryTakeLine(bytes, ref consumed, out ReadOnlySpan<byte> line)) return NotYet(bytes);
        ParseStatusLine(line, head);
        while (TryTakeLine(bytes, ref consumed, out line))
        {
            if (line.Length == 0) return true;
            ParseField(line, head);
        }
        return NotYet(bytes);
    }

    private static bool NotYet(ReadOnlySpan<byte> bytes) => bytes.Length < MaxHead ? false : throw Bad($"its head is longer than {MaxHead} bytes");

    // A bare LF also ends a line (RFC 9112, section 2.2); old services send it.
    private static bool TryTakeLine(ReadOnlySpan<byte> bytes, ref int at, out ReadOnlySpan<byte> line)
    {
        line = bytes[at..];
        int end = line.IndexOf((byte)'\n');
        if (end < 0) return false;
        at += end + 1;
        line = line[..end];
        if (line is [.., (byte)'\r']) line = line[..^1];
        return true;
    }

    private static void ParseStatusLine(ReadOnlySpan<byte> line, ResponseHead head)
    {
        // HTTP/1.1 200 and a reason, which may be missing along with the space before it.
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || !char.IsAsciiDigit((char)line[7]) || line[8] != ' ' || (line.Length > 12 && line[12] != ' '))
            throw Bad("it doesn't begin with an HTTP/1.1 status line");
        if (!int.TryParse(line[9..12], NumberStyles.None, CultureInfo.InvariantCulture, out int status) || status is < 100 or > 599)
            throw Bad("its status isn't between 100 and 599");
        head.Status = status;
        head.IsHttp10 = line[7] == '0';
        ReadOnlySpan<byte> reason = line.Length > 13 ? line[13..] : default;
        if (FieldRules.HasControls(reason)) throw Bad("its status line has control characters");
        if (!Ascii.Equals(reason, ReasonPhrases.GetReasonPhrase(status)) && Ascii.IsValid(reason)) head.Reason = Strings.Get(reason);
    }

    private static void ParseField(ReadOnlySpan<byte> line, ResponseHead head)
    {
        int colon = line.IndexOf((byte)':');
        // White space before the colon is removed (RFC 9112, section 5.1). At the start of a line it means a folded field, which is obsolete.
        ReadOnlySpan<byte> name = colon < 0 ? line : line[..colon].TrimEnd(" \t"u8);
        if (colon < 0 || !FieldRules.IsToken(name)) throw Bad($"the name of a field isn't valid: {Shown(name)}");
        ReadOnlySpan<byte> value = line[(colon + 1)..].Trim(" \t"u8);
        if (FieldRules.HasControls(value)) throw Bad($"the field {Shown(name)} has control characters");
        if (head.Fields.Count == MaxFields) throw Bad($"it has more than {MaxFields} fields");

        string text = Strings.Get(value);
        string known = Strings.Get(name);
        Note(known, text, head);
        head.Fields.Add((known, text));
    }

    // The fields that determine the framing and the connection.
    private static void Note(string name, string value, ResponseHead head)
    {
        switch (name.Length)
        {
            case 14 when FieldRules.Is(name, "Content-Length"):
                if (head.ContentLength >= 0 || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long length))
                    throw Bad("its Content-Length is invalid or duplicated");
                if (head.IsChunked) throw Both();
                head.ContentLength = length;
                break;
            case 17 when FieldRules.Is(name, "Transfer-Encoding"):
                if (head.IsChunked || head.IsHttp10 || !FieldRules.Is(value, "chunked")) throw Bad("its Transfer-Encoding isn't exactly \"chunked\"");
                if (head.ContentLength >= 0) throw Both();
                head.IsChunked = true;
                break;
            case 10 when FieldRules.Is(name, "Connection"):
                head.Connection = head.Connection is null ? value : $"{head.Connection},{value}";
                break;
            case 7 when FieldRules.Is(name, "Upgrade"):
                head.HasUpgrade = true;
                break;
            case 12 when FieldRules.Is(name, "Content-Type"):
                head.IsEventStream = value.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);
                break;
        }
    }

    private static UpstreamException Both() => Bad("it has Content-Length and Transfer-Encoding");

    private static UpstreamException Bad(string what) => new(UpstreamFailure.BadAnswer, $"the response isn't valid HTTP/1.1: {what}");

    private static string Shown(ReadOnlySpan<byte> name) =>
        string.Concat(Encoding.Latin1.GetString(name[..Math.Min(name.Length, 40)]).Select(one => one is > ' ' and < '\x7f' ? one : '?'));
}
