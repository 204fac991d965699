using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Rcomm.Http.AccessLogging;
using Rcomm.Requests;

namespace Rcomm.Server;

/// <summary>Formats the server's own log lines, as readable text or as JSON objects; docs/log.md lists the fields.</summary>
internal sealed class LineFormatter(LogSettings settings) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    private const string Yellow = "\e[33m";
    private const string Red = "\e[31m";
    private const string Plain = "\e[0m";

    // https://no-color.org: any value turns colours off.
    private static readonly bool Coloured = !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string time = DateTime.UtcNow.ToString(LogSettings.TimeFormat, CultureInfo.InvariantCulture);
        string message = Printable.OfLines(entry.Formatter(entry.State, entry.Exception));
        // Types and stack traces only matter for debugging the program.
        string? exception = settings.Level <= LogLevel.Debug ? entry.Exception?.ToString() : entry.Exception?.Message;
        var line = new Line(time, entry.LogLevel, entry.EventId.Id, message, exception);
        if (settings.Format == LogFormat.Json) WriteJson(textWriter, line);
        else WriteText(textWriter, line);
    }

    private static void WriteText(TextWriter writer, Line line)
    {
        writer.Write(line.Time);
        writer.Write(' ');
        if (line.Level >= LogLevel.Warning)
        {
            (string name, string colour) = line.Level == LogLevel.Warning ? ("warning: ", Yellow) : ("error: ", Red);
            writer.Write(Coloured ? colour + name + Plain : name);
        }
        writer.WriteLine(line.Exception is null ? line.Message : $"{line.Message} {line.Exception}");
    }

    private static void WriteJson(TextWriter writer, Line line)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", line.Time);
            json.WriteString("level", line.Level switch
            {
                LogLevel.Information => "info",
                LogLevel.Warning => "warning",
                >= LogLevel.Error => "error",
                _ => "debug",
            });
            json.WriteNumber("event", line.Event);
            json.WriteString("message", line.Message);
            if (line.Exception is not null) json.WriteString("exception", line.Exception);
            json.WriteEndObject();
        }
        writer.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private readonly record struct Line(string Time, LogLevel Level, int Event, string Message, string? Exception);
}
