using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Rcomm.Http.AccessLogging;

/// <summary>Formats a request's line as UTF-8, without a string on the way for the usual ones.</summary>
internal static class AccessLogLine
{
    private const int RoundTripLength = 28;
    private const long TicksPerTenth = TimeSpan.TicksPerMillisecond / 10;
    private const int UpToMilliseconds = 23;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_json;

    /// <summary>Writes the line with its end; false where it does not fit.</summary>
    public static bool TryFormat(in AccessEntry entry, AccessLogFormat format, Span<byte> line, out int length) => format switch
    {
        AccessLogFormat.Common => TryFormatCommon(entry, line, out length),
        AccessLogFormat.Combined => TryFormatCombined(entry, line, out length),
        AccessLogFormat.Json => TryFormatJson(entry, line, out length),
        _ => TryFormatLine(entry, line, out length),
    };

    private static bool TryFormatLine(in AccessEntry entry, Span<byte> line, out int length)
    {
        length = 0;
        if (line.Length < RoundTripLength || !Utf8Formatter.TryFormat(entry.Ended, line, out _, 'O')) return false;
        // Of a millisecond, without the floating-point formatting, which costs as much as the rest of the line.
        long tenths = (entry.Duration.Ticks + TicksPerTenth / 2) / TicksPerTenth;
        bool fits = entry.Client is { } client
            ? Utf8.TryWrite(line[UpToMilliseconds..], CultureInfo.InvariantCulture,
                $"Z {client} {entry.Method} {Escaped(entry.Target)} {entry.Status} {entry.Bytes} {tenths / 10}.{tenths % 10}ms\n", out length)
            : Utf8.TryWrite(line[UpToMilliseconds..], CultureInfo.InvariantCulture,
                $"Z unix {entry.Method} {Escaped(entry.Target)} {entry.Status} {entry.Bytes} {tenths / 10}.{tenths % 10}ms\n", out length);
        length += UpToMilliseconds;
        return fits;
    }

    private static bool TryFormatCommon(in AccessEntry entry, Span<byte> line, out int length)
    {
        IPAddress? client = entry.Client;
        return Utf8.TryWrite(line, CultureInfo.InvariantCulture,
            $"{(client is null ? "-" : client.ToString())} - {Escaped(entry.User)} [{entry.Ended:dd/MMM/yyyy:HH:mm:ss} +0000] \"{entry.Method} {Escaped(entry.Target)} {entry.Protocol}\" {entry.Status} {entry.Bytes}\n", out length);
    }

    private static bool TryFormatCombined(in AccessEntry entry, Span<byte> line, out int length)
    {
        if (!TryFormatCommon(entry, line, out length)) return false;
        // In the place of the line's end.
        int common = length - 1;
        bool fits = Utf8.TryWrite(line[common..], CultureInfo.InvariantCulture, $" \"{Escaped(entry.Referer)}\" \"{Escaped(entry.UserAgent)}\"\n", out length);
        length += common;
        return fits;
    }

    private static bool TryFormatJson(in AccessEntry entry, Span<byte> line, out int length)
    {
        t_json ??= new(1024);
        t_json.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(t_json))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, entry.Ended);
            json.WriteString("client"u8, entry.Client?.ToString() ?? "unix");
            if (entry.User is { } user) json.WriteString("user"u8, user);
            json.WriteString("method"u8, entry.Method);
            json.WriteString("target"u8, entry.Target);
            json.WriteString("protocol"u8, entry.Protocol);
            json.WriteString("scheme"u8, entry.Scheme);
            json.WriteString("host"u8, entry.Host);
            json.WriteNumber("status"u8, entry.Status);
            json.WriteNumber("bytes"u8, entry.Bytes);
            json.WriteNumber("durationMs"u8, Math.Round(entry.Duration.TotalMilliseconds, 3));
            if (entry.Referer is { } referer) json.WriteString("referer"u8, referer);
            if (entry.UserAgent is { } agent) json.WriteString("userAgent"u8, agent);
            json.WriteString("requestId"u8, entry.RequestId);
            json.WriteEndObject();
        }
        length = t_json.WrittenCount + 1;
        if (length > line.Length) return false;
        t_json.WrittenSpan.CopyTo(line);
        line[length - 1] = (byte)'\n';
        return true;
    }

    // What a client sends must not end the quotes or the line; \xHH is what Apache and nginx write.
    private static string Escaped(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "-";
        if (!text.AsSpan().ContainsAny('"', '\\') && !text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f')) return text;

        var escaped = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            if (c is '"' or '\\' || char.IsControl(c)) escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}");
            else escaped.Append(c);
        }
        return escaped.ToString();
    }
}
