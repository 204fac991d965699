using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Rcomm.Http;

namespace Rcomm.Server;

/// <summary>
/// A log line as people read it at 3 a.m.: what goes well is the sentence alone, on standard output; what goes wrong has the
/// time and the level before it, on standard error.
/// </summary>
internal sealed class LineFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    private const string Yellow = "\e[33m";
    private const string Red = "\e[31m";
    private const string Plain = "\e[0m";

    // https://no-color.org: set to anything, it turns colours off.
    private static readonly bool Coloured = !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter writer)
    {
        string sentence = Printable.OfLines(entry.Formatter(entry.State, entry.Exception));
        if (entry.LogLevel >= LogLevel.Warning)
        {
            writer.Write(DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z' ", CultureInfo.InvariantCulture));
            (string name, string colour) = entry.LogLevel == LogLevel.Warning ? ("warning: ", Yellow) : ("error: ", Red);
            writer.Write(Coloured ? colour + name + Plain : name);
        }
        writer.WriteLine(sentence);
        if (entry.Exception is { } exception) writer.WriteLine(exception);
    }
}
