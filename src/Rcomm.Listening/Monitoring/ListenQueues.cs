using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.Monitoring;

/// <summary>
/// The listen queues of this process: each is watched four times a second, on a thread of its own (a starved thread pool is one of
/// the things it must be able to notice), and its numbers are collected by the meter <see cref="QueueMetrics.MeterName"/>.
/// </summary>
public sealed class ListenQueues : IDisposable
{
    private static readonly TimeSpan TickTime = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private IReadOnlyList<(QueueMonitor Monitor, IDisposable Metrics)> _queues = [];

    /// <summary>Begins to watch; it goes on until it is disposed.</summary>
    public ListenQueues()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "listen queues" };
        _thread.Start();
    }

    /// <summary>The queues that are watched now.</summary>
    public IReadOnlyList<QueueMonitor> All => [.. Volatile.Read(ref _queues).Select(queue => queue.Monitor)];

    /// <summary>Watches a queue.</summary>
    public void Add(QueueMonitor monitor)
    {
        lock (_lock) _queues = [.. _queues, (monitor, QueueMetrics.Register(monitor))];
    }

    /// <summary>Stops watching a queue.</summary>
    public void Remove(QueueMonitor monitor)
    {
        lock (_lock)
        {
            foreach ((QueueMonitor _, IDisposable metrics) in _queues.Where(queue => queue.Monitor == monitor)) metrics.Dispose();
            _queues = [.. _queues.Where(queue => queue.Monitor != monitor)];
        }
    }

    /// <summary>Stops watching; returns when the last tick is over.</summary>
    public void Dispose()
    {
        if (_stop.IsSet) return;
        _stop.Set();
        _thread.Join();
        foreach (QueueMonitor monitor in All) Remove(monitor);
    }

    private void Run()
    {
        using var listenDrops = new ListenDrops();
        while (!_stop.Wait(TickTime))
        {
            foreach (QueueMonitor monitor in All)
            {
                try
                {
                    monitor.Tick(listenDrops.Read);
                }
                catch (ObjectDisposedException)
                {
                    // Closed between two ticks: a socket that is gone has no queue.
                }
            }
        }
    }
}
