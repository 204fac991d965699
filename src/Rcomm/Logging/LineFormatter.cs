using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Rcomm.Logging;

/// <summary>
/// A log line as people read it at 3 a.m.: what goes well is the sentence alone, on standard output; what goes wrong has the
/// time and the level before it, on standard error.
/// </summary>
internal sealed class LineFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter writer)
    {
        string sentence = entry.Formatter(entry.State, entry.Exception);
        if (entry.LogLevel >= LogLevel.Warning)
        {
            writer.Write(DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z' ", CultureInfo.InvariantCulture));
            writer.Write(entry.LogLevel == LogLevel.Warning ? "warning: " : "error: ");
        }
        writer.WriteLine(sentence);
        if (entry.Exception is { } exception) writer.WriteLine(exception);
    }
}
