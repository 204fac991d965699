using Microsoft.Extensions.Logging;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;

namespace Rcomm.Kestrel.Logging;

/// <summary>Logs the events of a listen queue. docs/log.md lists them by event id.</summary>
internal static partial class QueueEventLog
{
    public static void Write(ILogger logger, QueueEvent happened, QueueSettingNames names)
    {
        switch (happened)
        {
            case QueueEvent.DropsStarted e:
                DropsStarted(logger, e.Queue, WhatIsFull(e.Peak, e.Backlog), e.Drops, e.Peak, e.Backlog,
                    WordsFor(e.Advice, e.Peak, e.Backlog, e.BacklogNow, names));
                break;
            case QueueEvent.DropsContinue e:
                DropsContinue(logger, e.Queue, WhatIsFull(e.Peak, e.Backlog), e.Drops, e.Peak, e.Backlog,
                    WordsFor(e.Advice, e.Peak, e.Backlog, e.BacklogNow, names));
                break;
            case QueueEvent.AcceptPaused { Error: "EMFILE" } e:
                OutOfDescriptors(logger, e.Queue);
                break;
            case QueueEvent.AcceptPaused e:
                AcceptPaused(logger, e.Queue, e.Error);
                break;
            case QueueEvent.LimitReached e:
                LimitReached(logger, e.Queue, e.Max, e.TurnsAway ? "are rejected with 503" : "wait in the listen queue", names.MaxConnections);
                break;
            case QueueEvent.AcceptResumed e:
                AcceptResumed(logger, e.Queue, Math.Max(0, e.After.TotalSeconds));
                break;
            case QueueEvent.AcceptBroken e:
                AcceptBroken(logger, e.Queue, e.Error);
                break;
            case QueueEvent.Stalled e:
                Stalled(logger, e.Queue, e.Waiting, e.For.TotalSeconds, WordsFor(e.Cause, names));
                break;
            case QueueEvent.StallEnded e:
                StallEnded(logger, e.Queue, Math.Max(0, e.After.TotalSeconds));
                break;
            case QueueEvent.BacklogGrew e:
                BacklogGrew(logger, e.Queue, e.Backlog, e.Before);
                break;
            case QueueEvent.BacklogRaised e:
                BacklogRaised(logger, e.Queue, e.Backlog, e.Before);
                break;
        }
    }

    // Drops while the listen queue has room come from a full SYN queue.
    private static string WhatIsFull(int peak, int backlog) =>
        QueueEvent.WasFull(peak, backlog) ? "listen queue full" : "handshakes lost, although the listen queue wasn't seen full";

    private static string WordsFor(BacklogAdvice advice, int peak, int backlog, int backlogNow, QueueSettingNames names) =>
        !QueueEvent.WasFull(peak, backlog) ? "A full SYN queue also drops handshakes if SYN cookies are off: sysctl -w net.ipv4.tcp_syncookies=1."
        : advice.Backlog > backlogNow ? advice.Naming(names.Backlog, names.Shards, names.Accept is null ? null : $"{names.Accept}=io_uring")
        : $"The backlog has since grown to {backlogNow}, which would have held this burst.";

    private static string WordsFor(StallCause cause, QueueSettingNames names) => cause switch
    {
        StallCause.OutOfResources => "out of file descriptors or memory; raise LimitNOFILE= or ulimit -n",
        StallCause.ConnectionLimit => $"the connection limit is reached; raise {names.MaxConnections}, or shorten how long connections stay open",
        StallCause.ProcessPaused => "the whole process was paused (stopped, frozen or starved of processor time)",
        StallCause.ThreadPoolStarved => "every thread of the thread pool is busy; look for handlers that block",
        StallCause.ProcessorsBusy => "the processors are busy with other programs; give this server more of them, or reduce the work for each request",
        StallCause.Broken => "the accept loop has ended; restart the server",
        _ => "unknown; the process may be starved of processor time",
    };

    [LoggerMessage(101, LogLevel.Warning, "{Queue}: {What}: {Drops} connections dropped in 1 s (peak {Peak} of {Backlog}). {Advice}")]
    private static partial void DropsStarted(ILogger logger, string queue, string what, long drops, int peak, int backlog, string advice);

    [LoggerMessage(102, LogLevel.Warning, "{Queue}: {What} (continuing): {Drops} connection attempts dropped in the last minute, " +
        "including retries (peak {Peak} of {Backlog}). {Advice}")]
    private static partial void DropsContinue(ILogger logger, string queue, string what, long drops, int peak, int backlog, string advice);

    [LoggerMessage(103, LogLevel.Warning, "{Queue}: accepting paused: this process has reached its limit of file descriptors (EMFILE; a few are " +
        "reserved for the files it serves). Connections wait in the listen queue. Raise the limit: LimitNOFILE= in the systemd unit, or ulimit -n.")]
    private static partial void OutOfDescriptors(ILogger logger, string queue);

    [LoggerMessage(104, LogLevel.Warning, "{Queue}: accepting paused: the system is out of resources ({Error}). Connections wait in the listen queue.")]
    private static partial void AcceptPaused(ILogger logger, string queue, string error);

    [LoggerMessage(112, LogLevel.Warning, "{Queue}: the limit of {Max} open connections is reached; new ones {What}. " +
        "Raise {Setting} if the machine can handle more.")]
    private static partial void LimitReached(ILogger logger, string queue, int max, string what, string setting);

    [LoggerMessage(105, LogLevel.Information, "{Queue}: accepting again after {Seconds:0.0} s")]
    private static partial void AcceptResumed(ILogger logger, string queue, double seconds);

    [LoggerMessage(106, LogLevel.Error, "{Queue}: the socket no longer accepts connections ({Error}). Restart the server.")]
    private static partial void AcceptBroken(ILogger logger, string queue, string error);

    [LoggerMessage(107, LogLevel.Warning, "{Queue}: {Waiting} connections wait and none were accepted for {Seconds:0.0} s: {Cause}.")]
    private static partial void Stalled(ILogger logger, string queue, int waiting, double seconds, string cause);

    [LoggerMessage(108, LogLevel.Information, "{Queue}: connections are accepted again after {Seconds:0.0} s")]
    private static partial void StallEnded(ILogger logger, string queue, double seconds);

    [LoggerMessage(109, LogLevel.Information, "{Queue}: the kernel's cap was raised; new backlog applied ({Backlog}), was {Before}")]
    private static partial void BacklogRaised(ILogger logger, string queue, string backlog, int before);

    [LoggerMessage(111, LogLevel.Information, "{Queue}: listen queue more than half full; backlog doubled ({Backlog}), was {Before}")]
    private static partial void BacklogGrew(ILogger logger, string queue, string backlog, int before);
}
