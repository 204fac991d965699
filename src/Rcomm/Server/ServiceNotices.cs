using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;
using Rcomm.Listening.Monitoring;

namespace Rcomm.Server;

/// <summary>
/// Tells the service manager how the server does (sd_notify(3)). The messages go through Microsoft's notifier; when to send which is ours, since a host
/// of ours is ready before the server is, and stops when another process has become the main one.
/// </summary>
internal sealed class ServiceNotices : IDisposable
{
    private static readonly TimeSpan StatusTime = TimeSpan.FromSeconds(10);

    private readonly SystemdNotifier _notifier = new();
    private readonly Func<IReadOnlyList<QueueMonitor>> _queues;
    private readonly TimeSpan? _watchdogTime = ReadWatchdogTime();
    private readonly ManualResetEventSlim _ended = new();

    public ServiceNotices(Func<IReadOnlyList<QueueMonitor>> queues)
    {
        _queues = queues;
        // A thread of its own: a starved thread pool is one of the things the watchdog is for, and must be seen, not suffered.
        if (_notifier.IsEnabled) new Thread(TellAgainAndAgain) { IsBackground = true, Name = "systemd" }.Start();
    }

    /// <summary>The server serves. After a takeover this process is the main one from now on.</summary>
    public void Ready(bool tookOver) => Send(tookOver ? $"MAINPID={Environment.ProcessId}\nREADY=1" : "READY=1");

    /// <summary>The settings are being read again; <see cref="Ready"/> tells the end of it.</summary>
    public void Reloading() => Send($"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}");

    /// <summary>The server drains and ends.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>Says nothing any more.</summary>
    public void Dispose() => _ended.Set();

    // The watchdog's half is what sd_watchdog_enabled(3) asks for.
    private void TellAgainAndAgain()
    {
        TimeSpan every = _watchdogTime is { } watchdog && watchdog / 2 < StatusTime ? watchdog / 2 : StatusTime;
        do
        {
            List<QueueSnapshot> queues = [.. _queues().Select(queue => queue.Snapshot())];
            Send(string.Create(CultureInfo.InvariantCulture,
                $"STATUS={queues.Sum(queue => queue.Depth)} of {queues.Sum(queue => (long?)queue.Backlog)} waiting, " +
                $"{queues.Sum(queue => queue.Drops)} dropped"));
            if (_watchdogTime is not null && queues.TrueForAll(IsAlive)) Send("WATCHDOG=1");
        }
        while (!_ended.Wait(every));
    }

    // Waiting for room or for descriptors isn't a fault that a restart would fix.
    private static bool IsAlive(QueueSnapshot queue) => queue.Stall is not (StallCause.Broken or StallCause.ThreadPoolStarved or StallCause.Unknown);

    private void Send(string state)
    {
        if (_notifier.IsEnabled && !_ended.IsSet) _notifier.Notify(new ServiceState(state));
    }

    private static TimeSpan? ReadWatchdogTime()
    {
        string? process = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        if (process is not null && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
        return long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }
}
