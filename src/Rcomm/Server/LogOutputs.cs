using System.Text;
using Microsoft.Extensions.Logging;
using Rcomm.Http.AccessLogging;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sockets;
using Rcomm.Settings.Groups;

namespace Rcomm.Server;

/// <summary>
/// Writes the startup lines and the access log, and nothing else, to standard output, and the access log to its file. The server's own lines go to
/// standard error. Each output has its own thread, so that one without a reader never blocks another.
/// </summary>
internal sealed class LogOutputs : IDisposable
{
    private readonly ILogger _logger;
    private readonly bool _startupLinesAreLogged;
    private readonly LineWriter? _standardOutput;
    private readonly LineWriter? _file;

    /// <exception cref="IOException">The log file can't be opened.</exception>
    public LogOutputs(LogSettings settings, ILogger logger)
    {
        _logger = logger;
        bool isQuiet = settings.Level > LogLevel.Information;
        // A program that parses JSON from standard output must get nothing else.
        _startupLinesAreLogged = settings.AccessLog.StandardOutput && settings.AccessLogFormat == AccessLogFormat.Json;
        if (settings.AccessLog.File is { } path) _file = Writer(Open(path));
        if (settings.AccessLog.StandardOutput || !isQuiet) _standardOutput = Writer(new StandardOutput(why => ServerLog.AccessLogFails(logger, why)));
        AccessLog = settings.AccessLog switch
        {
            { IsOff: true } => null,
            { StandardOutput: false } => new AccessLog([_file!], settings.AccessLogFormat),
            { File: null } => new AccessLog([_standardOutput!], settings.AccessLogFormat),
            _ => new AccessLog([_standardOutput!, _file!], settings.AccessLogFormat),
        };
    }

    /// <summary>Null if it is off.</summary>
    public AccessLog? AccessLog { get; }

    /// <summary>Writes the startup line of each address; shards share one line.</summary>
    public void WriteListening(IEnumerable<ListenSocket> sockets)
    {
        foreach (IGrouping<ListenAddress, ListenSocket> shards in sockets.GroupBy(socket => socket.Address))
        {
            string backlog = ListenSocket.DescribeBacklog([.. shards]);
            if (_startupLinesAreLogged) ServerLog.ListeningOn(_logger, shards.Key, backlog);
            else if (_logger.IsEnabled(LogLevel.Information)) _standardOutput?.Write(Encoding.UTF8.GetBytes($"Listening on {shards.Key} ({backlog})\n"));
        }
        // A program that starts this one waits for these lines.
        _standardOutput?.Flush();
    }

    public void Dispose()
    {
        _standardOutput?.Dispose();
        _file?.Dispose();
    }

    private LogFile Open(string path)
    {
        try
        {
            return new LogFile(path, why => ServerLog.AccessLogFails(_logger, why));
        }
        catch (IOException e)
        {
            throw new IOException($"{LoggingGroup.AccessLog.Name} = {path}: {e.Message}", e);
        }
    }

    private LineWriter Writer(LineOutput output) => new(output, count => ServerLog.LinesDropped(_logger, count));
}
