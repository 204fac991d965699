namespace Rcomm.Listening.Monitoring;

/// <summary>What a <see cref="QueueMonitor"/> watches for.</summary>
public sealed record QueueMonitorOptions
{
    /// <summary>
    /// Measure how long each connection waited in the queue, from the kernel's own stamp: one system call for each accept. Default true.
    /// Linux, TCP only.
    /// </summary>
    public bool AcceptWait { get; init; } = true;

    /// <summary>How long connections may wait without one being accepted before that is a stall. Default 2 s.</summary>
    public TimeSpan StallTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a queue may be full before <see cref="QueueMonitor.IsReady"/> says no. Default 5 s.</summary>
    public TimeSpan FullTime { get; init; } = TimeSpan.FromSeconds(5);
}
