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

/// <summary>How the server's own lines look.</summary>
internal enum LogFormat
{
    /// <summary>The time and a sentence.</summary>
    Text,

    /// <summary>A JSON object on each line.</summary>
    Json,
}

/// <summary>What is logged, and how.</summary>
internal sealed record LogSettings(AccessLogTarget AccessLog, AccessLogFormat AccessLogFormat, LogLevel Level, LogFormat Format, bool RequestId)
{
    /// <summary>No access log, and sentences.</summary>
    public static readonly LogSettings Default =
        new(new AccessLogTarget(false, null), AccessLogFormat.Line, LogLevel.Information, LogFormat.Text, RequestId: false);
}

/// <summary>Where the access log goes.</summary>
/// <param name="StandardOutput">True for a line on standard output.</param>
/// <param name="File">The path of a file; null for none.</param>
internal sealed record AccessLogTarget(bool StandardOutput, string? File)
{
    public bool IsOff => !StandardOutput && File is null;
}
