namespace Rcomm.Listening.Monitoring;

/// <summary>Configures what a <see cref="QueueMonitor"/> watches for.</summary>
public sealed record QueueMonitorOptions
{
    /// <summary>
    /// Gets whether to measure how long each connection waited in the queue, from the kernel's own timestamp: one system call for each accept.
    /// Default true. Linux and TCP only.
    /// </summary>
    public bool AcceptWait { get; init; } = true;

    /// <summary>Gets how long connections may wait without one being accepted before a stall is reported. Default 2 s.</summary>
    public TimeSpan StallTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets how long a queue may be full before <see cref="QueueMonitor.IsReady"/> is false. Default 5 s.</summary>
    public TimeSpan FullTime { get; init; } = TimeSpan.FromSeconds(5);
}
