using Microsoft.Extensions.Logging;

namespace Rcomm.Watch;

/// <summary>The log messages of a watch; docs/log.md lists them by event id.</summary>
internal static partial class WatchLog
{
    [LoggerMessage(301, LogLevel.Information, "Watching (listen queues: {Queues}, network namespaces: {Namespaces}, interval: {Interval})")]
    public static partial void Watching(ILogger logger, int queues, int namespaces, string interval);

    [LoggerMessage(302, LogLevel.Warning,
        "{Queue}: listen queue full: {Attempts} dropped (peak {Peak} of {Backlog}). A backlog of {Needed} would have held this burst. Now: " +
        "{Now}. Permanently: {ForGood}.{Others}")]
    public static partial void OverflowStarted(ILogger logger, string queue, string attempts, int peak, int backlog, long needed, string now,
        string forGood, string others);

    [LoggerMessage(303, LogLevel.Warning,
        "{Queue}: listen queue still overflows: {Attempts} dropped in the last minute (peak {Peak} of {Backlog}). " +
        "A backlog of {Needed} would have held the worst burst. Now: {Now}. Permanently: {ForGood}.{Others}")]
    public static partial void OverflowContinues(ILogger logger, string queue, string attempts, int peak, int backlog, long needed, string now,
        string forGood, string others);

    [LoggerMessage(304, LogLevel.Information, "{Change}, because it filled ({Depth} waited, {TurnedAway} handshake attempts were dropped)")]
    public static partial void Grown(ILogger logger, string change, int depth, long turnedAway);

    [LoggerMessage(305, LogLevel.Warning, "Not grown: {Why}")]
    public static partial void GrowthFailed(ILogger logger, string why);

    [LoggerMessage(306, LogLevel.Warning, "Not seen: {What}")]
    public static partial void NotSeen(ILogger logger, string what);

    [LoggerMessage(308, LogLevel.Warning, "{Count} more lines about full listen queues were omitted in the last minute; " +
        "the page and the metrics show every queue")]
    public static partial void Suppressed(ILogger logger, int count);

    [LoggerMessage(307, LogLevel.Information, "Stopped watching")]
    public static partial void Stopped(ILogger logger);
}
