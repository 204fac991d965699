using Microsoft.Extensions.Logging;
using Rcomm.Http.AccessLogging;

namespace Rcomm.Settings.Groups;

/// <summary>The settings of the logs.</summary>
internal static class LoggingGroup
{
    public static readonly SettingGroup Group = new("Logging");

    public static readonly Setting<AccessLogTarget> AccessLog = new(Group, "access-log", "on", ValueKinds.AccessLog,
        "log each request: on (to standard output), off, the path of a file (reopened on SIGUSR1, for logrotate), or on,PATH for both") { IsCommon = true };

    public static readonly Setting<AccessLogFormat> AccessLogFormat = new(Group, "access-log-format", "line", ValueKinds.OneOf<AccessLogFormat>(),
        "the format of the access log: line (for people), common, combined or json");

    public static readonly Setting<LogLevel> LogLevel = new(Group, "log-level", "info", ValueKinds.Level,
        "the lowest level of the server's own messages: debug, info, warning or error; --quiet and --verbose are short for warning and debug");

    public static readonly Setting<LogFormat> LogFormat = new(Group, "log-format", "text", ValueKinds.OneOf<LogFormat>(),
        "the format of the server's own messages on standard error: text or json");

    public static readonly Setting<bool> RequestId = new(Group, "request-id", "off", ValueKinds.Switch,
        "send an X-Request-Id with each response; the json access log contains it too");
}
