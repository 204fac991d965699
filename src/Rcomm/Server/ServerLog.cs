using Microsoft.Extensions.Logging;
using Rcomm.Listening.Addresses;
using Rcomm.Settings.Groups;

namespace Rcomm.Server;

/// <summary>The log messages of a server's start and stop; docs/log.md lists them by event id.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(10, LogLevel.Information, "Listening on {Address} ({Backlog})")]
    public static partial void ListeningOn(ILogger logger, ListenAddress address, string backlog);

    [LoggerMessage(33, LogLevel.Information, "Forwarding {Path} to {Upstreams}: {Max} requests at once, up to {Queue} waiting, each for at most {Seconds} s")]
    public static partial void ProxyRoute(ILogger logger, string path, string upstreams, int max, int queue, double seconds);

    [LoggerMessage(32, LogLevel.Information, "Redirecting {Url} to HTTPS")]
    public static partial void RedirectsAt(ILogger logger, string url);

    [LoggerMessage(11, LogLevel.Information, "Serving {DocumentRoot} at {Url}")]
    public static partial void Serving(ILogger logger, string documentRoot, string url);

    [LoggerMessage(12, LogLevel.Information, "{Name} = {Text} (from {Where})")]
    public static partial void SetBy(ILogger logger, string name, string text, string where);

    [LoggerMessage(13, LogLevel.Warning, "{Message}")]
    public static partial void Warning(ILogger logger, string message);

    [LoggerMessage(14, LogLevel.Information, "{Reason}: draining the listen queues, then finishing requests in flight (at most {Seconds:0.#} s). " +
        "Another signal stops the server at once.")]
    public static partial void Stopping(ILogger logger, string reason, double seconds);

    [LoggerMessage(15, LogLevel.Warning, "{Count} access-log lines were dropped since the start: " +
        "standard output or the log file is too slow, or can't be written. Use {Setting}=off or a faster output.")]
    private static partial void LinesDropped(ILogger logger, long count, string setting);

    public static void LinesDropped(ILogger logger, long count) => LinesDropped(logger, count, LoggingGroup.AccessLog.Variable);

    [LoggerMessage(16, LogLevel.Information, "Admin pages at {Url}")]
    public static partial void AdminPagesAt(ILogger logger, string url);

    [LoggerMessage(21, LogLevel.Information, "{What}")]
    public static partial void Inherited(ILogger logger, string what);

    [LoggerMessage(20, LogLevel.Warning, "The access log can't be written; its lines are lost until it can: {Why}")]
    public static partial void AccessLogFails(ILogger logger, string why);

    [LoggerMessage(22, LogLevel.Warning, "The takeover failed; the running server continues: {Why}")]
    public static partial void NotTakenOver(ILogger logger, string why);

    [LoggerMessage(23, LogLevel.Warning, "The old server ended during the takeover; this server has its sockets and continues")]
    public static partial void OtherIsGone(ILogger logger);

    [LoggerMessage(25, LogLevel.Warning, "The old server hasn't released its sockets yet. This server already accepts connections, and " +
        "waits until the old one responds or ends.")]
    public static partial void WaitsForRelease(ILogger logger);

    [LoggerMessage(26, LogLevel.Warning, "A takeover is still in progress; this server exits without knowing the outcome, " +
        "and leaves the sockets to the new process.")]
    public static partial void NotDecided(ILogger logger);

    [LoggerMessage(19, LogLevel.Information, "Took over from the running server, which finishes its requests and exits")]
    public static partial void TakenOver(ILogger logger);

    [LoggerMessage(27, LogLevel.Information, "Stopped. Every request was answered.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(45, LogLevel.Error, "Shutdown did not complete within {Seconds:0} s; exiting. Please report this with the log.")]
    public static partial void StopHangs(ILogger logger, double seconds);

    [LoggerMessage(28, LogLevel.Warning, "Stopped after {Seconds:0.#} s: {Requests} cut off. Use a longer --shutdown-timeout if they need more time.")]
    private static partial void CutOff(ILogger logger, string requests, double seconds);

    /// <summary>Logs how many requests were not answered before the timeout.</summary>
    public static void CutOff(ILogger logger, int count, TimeSpan timeout) =>
        CutOff(logger, count == 1 ? "1 request was" : $"{count} requests were", timeout.TotalSeconds);

    [LoggerMessage(29, LogLevel.Information, "The fast path is off: {Why}")]
    public static partial void FastPathIsOff(ILogger logger, string why);

    [LoggerMessage(37, LogLevel.Information, "Over TLS, the fast path answers HTTP/1.1; {Others} through Kestrel")]
    private static partial void FastPathOverTls(ILogger logger, string others);

    /// <summary>Logs which requests over TLS the fast path can answer.</summary>
    public static void FastPathOverTls(ILogger logger, bool hasHttp3) => FastPathOverTls(logger, hasHttp3 ? "HTTP/2 and HTTP/3 go" : "HTTP/2 goes");

    [LoggerMessage(43, LogLevel.Debug, "Connections are accepted with {Method}")]
    public static partial void AcceptsWith(ILogger logger, string method);

    [LoggerMessage(38, LogLevel.Information, "The limit of open connections is {Max}, based on the memory limit of this process. " +
        "To change it: {Setting}=N")]
    public static partial void LimitOfMemory(ILogger logger, int max, string setting);

    [LoggerMessage(36, LogLevel.Warning, "Anyone who can reach {Address} can read the admin pages. Use a loopback address for --admin, or set --admin-token.")]
    public static partial void AdminIsOpen(ILogger logger, ListenAddress address);
}
