using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rcomm.Http.AccessLogging;

/// <summary>Formats a request's line as UTF-8, without intermediate strings for ordinary requests.</summary>
internal static class AccessLogLine
{
    private const long TicksPerTenth = TimeSpan.TicksPerMillisecond / 10;
    private const int TimeLength = 24;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_json;

    [ThreadStatic]
    private static byte[]? t_time;

    [ThreadStatic]
    private static long t_second;

    /// <summary>Writes the line with its line break. Returns false if it doesn't fit.</summary>
    public static bool TryFormat(in AccessEntry entry, AccessLogFormat format, Span<byte> room, out int length)
    {
        if (format == AccessLogFormat.Json) return TryFormatJson(entry, room, out length);
        var line = new LineText(room);
        switch (format)
        {
            case AccessLogFormat.Common:
                AddCommon(entry, ref line);
                break;
            case AccessLogFormat.Combined:
                AddCommon(entry, ref line);
                AddCombined(entry, ref line);
                break;
            default:
                AddLine(entry, ref line);
                break;
        }
        line.Add("\n"u8);
        length = room.Length - line.LeftOver;
        return line.Fits;
    }

    private static void AddLine(in AccessEntry entry, ref LineText line)
    {
        line.AddTime(entry.Ended);
        line.Add(" "u8);
        if (entry.Client is { } client) line.Add(client);
        else line.Add("unix"u8);
        line.Add(" "u8);
        line.Add(entry.Method);
        line.Add(" "u8);
        line.AddEscaped(entry.Target);
        line.Add(" "u8);
        line.Add(entry.Status);
        line.Add(" "u8);
        line.Add(entry.Bytes);
        line.Add(" "u8);
        // Avoids floating-point formatting, which costs as much as the rest of the line.
        long tenths = (entry.Duration.Ticks + TicksPerTenth / 2) / TicksPerTenth;
        line.Add(tenths / 10);
        line.Add("."u8);
        line.Add(tenths % 10);
        line.Add("ms"u8);
    }

    private static void AddCombined(in AccessEntry entry, ref LineText line)
    {
        line.Add(" \""u8);
        line.AddEscaped(entry.Referer);
        line.Add("\" \""u8);
        line.AddEscaped(entry.UserAgent);
        line.Add("\""u8);
    }

    private static void AddCommon(in AccessEntry entry, ref LineText line)
    {
        if (entry.Client is { } client) line.Add(client);
        else line.Add("-"u8);
        line.Add(" - "u8);
        line.AddEscaped(entry.User);
        line.Add(" ["u8);
        line.Add(TimeOf(entry.Ended));
        line.Add("] \""u8);
        line.Add(entry.Method);
        line.Add(" "u8);
        line.AddEscaped(entry.Target);
        line.Add(" "u8);
        line.Add(entry.Protocol);
        line.Add("\" "u8);
        line.Add(entry.Status);
        line.Add(" "u8);
        line.Add(entry.Bytes);
    }

    // Formatted once a second.
    private static ReadOnlySpan<byte> TimeOf(DateTime time)
    {
        long second = time.Ticks / TimeSpan.TicksPerSecond;
        if (t_time is not null && t_second == second) return t_time;
        string text = time.ToString("dd/MMM/yyyy:HH:mm:ss +0000", CultureInfo.InvariantCulture);
        (t_second, t_time) = (second, Encoding.ASCII.GetBytes(text));
        return t_time;
    }

    private static bool TryFormatJson(in AccessEntry entry, Span<byte> line, out int length)
    {
        t_json ??= new(1024);
        t_json.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(t_json))
        {
            json.WriteStartObject();
            Span<byte> time = stackalloc byte[TimeLength];
            entry.Ended.TryFormat(time, out int timeLength, LogSettings.TimeFormat, CultureInfo.InvariantCulture);
            json.WriteString("time"u8, time[..timeLength]);
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
}
