using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;
using Rcomm.Listening.Monitoring;

namespace Rcomm.Server;

/// <summary>
/// Reports the server's state to the service manager (sd_notify(3)). Microsoft's notifier sends the messages, but this class decides when: a host is
/// ready before the server is, and stops after another process has become the main one.
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
        // Needs its own thread: the watchdog must notice a starved thread pool, not suffer from it.
        if (_notifier.IsEnabled) new Thread(NotifyPeriodically) { IsBackground = true, Name = "systemd" }.Start();
    }

    /// <summary>Reports that the server is serving. After a takeover, this process becomes the main one.</summary>
    public void Ready(bool tookOver) => Send(tookOver ? $"MAINPID={Environment.ProcessId}\nREADY=1" : "READY=1");

    /// <summary>Reports that the settings are being read again; <see cref="Ready"/> ends it.</summary>
    public void Reloading() => Send($"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}");

    /// <summary>Reports that the server drains and exits.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>Stops all reports.</summary>
    public void Dispose() => _ended.Set();

    // Half of the watchdog's time, as sd_watchdog_enabled(3) recommends.
    private void NotifyPeriodically()
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

    // A restart would not fix a lack of places or descriptors.
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
