using Microsoft.Extensions.Logging;

namespace Rcomm.Http.AccessLogging;

/// <summary>How a request's line looks.</summary>
internal enum AccessLogFormat
{
    /// <summary>Time, client, method, path, status, bytes, duration: for people.</summary>
    Line,

    /// <summary>The Common Log Format of NCSA and Apache.</summary>
    Common,

    /// <summary>Common, and after it the referer and the user agent.</summary>
    Combined,

    /// <summary>A JSON object on each line.</summary>
    Json,
}

/// <summary>What is logged, and how.</summary>
internal sealed record LogSettings(AccessLogTarget AccessLog, AccessLogFormat AccessLogFormat, LogLevel Level, bool RequestId);

/// <summary>Where the access log goes.</summary>
/// <param name="StandardOutput">True for a line on standard output.</param>
/// <param name="File">The path of a file; null for none.</param>
internal sealed record AccessLogTarget(bool StandardOutput, string? File)
{
    public bool IsOff => !StandardOutput && File is null;

    /// <summary>Reads <c>on</c>, <c>off</c>, a path, or <c>on,PATH</c> for both.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static AccessLogTarget Read(string text)
    {
        string[] parts = text.Split(',', 2, StringSplitOptions.TrimEntries);
        bool? first = Switch(parts[0]);
        if (parts.Length == 1) return first is { } on ? new(on, null) : new(false, Path(parts[0]));
        return first == true ? new(true, Path(parts[1])) : throw new FormatException("write on, off, the path of a file, or on,PATH for both");
    }

    private static bool? Switch(string text) => text.ToLowerInvariant() switch
    {
        "on" or "true" or "yes" or "1" => true,
        "off" or "false" or "no" or "0" => false,
        _ => null,
    };

    private static string Path(string text) => text.Contains('/') || text.Contains('.')
        ? System.IO.Path.GetFullPath(text)
        : throw new FormatException($"write on, off, the path of a file (./{text} for one in this folder), or on,PATH for both");
}
