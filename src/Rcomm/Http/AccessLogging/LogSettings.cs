using Microsoft.Extensions.Logging;

namespace Rcomm.Http.AccessLogging;

/// <summary>The format of the access log.</summary>
internal enum AccessLogFormat
{
    /// <summary>Time, client, method, path, status, bytes, duration: for people.</summary>
    Line,

    /// <summary>The Common Log Format of NCSA and Apache.</summary>
    Common,

    /// <summary>Common, followed by the referer and the user agent.</summary>
    Combined,

    /// <summary>A JSON object on each line.</summary>
    Json,
}

/// <summary>The format of the server's own log.</summary>
internal enum LogFormat
{
    /// <summary>The time and a message.</summary>
    Text,

    /// <summary>A JSON object on each line.</summary>
    Json,
}

/// <summary>Configures the logs.</summary>
internal sealed record LogSettings(AccessLogTarget AccessLog, AccessLogFormat AccessLogFormat, LogLevel Level, LogFormat Format, bool RequestId)
{
    /// <summary>The format of the times in all logs, in UTC.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>No access log, and text messages.</summary>
    public static readonly LogSettings Default =
        new(new AccessLogTarget(false, null), AccessLogFormat.Line, LogLevel.Information, LogFormat.Text, RequestId: false);
}

/// <summary>The outputs of the access log.</summary>
/// <param name="StandardOutput">Whether lines go to standard output.</param>
/// <param name="File">The path of a file; null for none.</param>
internal sealed record AccessLogTarget(bool StandardOutput, string? File)
{
    public bool IsOff => !StandardOutput && File is null;
}
