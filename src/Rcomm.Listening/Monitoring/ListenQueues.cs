using Rcomm.Shared.Linux.Proc;

namespace Rcomm.Listening.Monitoring;

/// <summary>
/// The listen queues of this process. A dedicated thread checks each four times a second, so that it also notices a starved thread pool. The meter
/// <see cref="QueueMetrics.MeterName"/> collects their numbers.
/// </summary>
public sealed class ListenQueues : IDisposable
{
    private static readonly TimeSpan TickTime = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private IReadOnlyList<(QueueMonitor Monitor, IDisposable Metrics)> _queues = [];

    /// <summary>Starts monitoring, until the object is disposed.</summary>
    public ListenQueues()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "listen queues" };
        _thread.Start();
    }

    /// <summary>Gets the monitored queues.</summary>
    public IReadOnlyList<QueueMonitor> All => [.. Volatile.Read(ref _queues).Select(queue => queue.Monitor)];

    /// <summary>Adds a queue to be monitored.</summary>
    public void Add(QueueMonitor monitor)
    {
        lock (_lock) _queues = [.. _queues, (monitor, QueueMetrics.Register(monitor))];
    }

    /// <summary>Removes a queue.</summary>
    public void Remove(QueueMonitor monitor)
    {
        lock (_lock)
        {
            foreach ((QueueMonitor _, IDisposable metrics) in _queues.Where(queue => queue.Monitor == monitor)) metrics.Dispose();
            _queues = [.. _queues.Where(queue => queue.Monitor != monitor)];
        }
    }

    /// <summary>Stops monitoring. Returns when the last tick is over.</summary>
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
                    // Closed between two ticks: a closed socket has no queue.
                }
            }
        }
    }
}
