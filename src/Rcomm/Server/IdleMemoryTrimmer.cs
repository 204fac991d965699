using Rcomm.Listening.Monitoring;


namespace Rcomm.Server;

/// <summary>
/// Gives memory back to the system once a burst is over. The collector keeps what thousands of connections took for the next time, and without requests it never runs; in a quiet
/// moment a compacting collection costs nobody anything.
/// </summary>
internal sealed class IdleMemoryTrimmer : IDisposable
{
    private const long WorthIt = 48L << 20;
    private const long Quiet = 100;
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    private readonly ListenQueues _queues;
    private readonly Timer _timer;
    private long _acceptsBefore;
    private bool _busySince = true;

    public IdleMemoryTrimmer(ListenQueues queues)
    {
        _queues = queues;
        _timer = new Timer(_ => Look(), null, CheckInterval, CheckInterval);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long accepts = _queues.All.Sum(queue => queue.Snapshot().Accepts);
        bool isQuiet = accepts - _acceptsBefore < Quiet;
        _acceptsBefore = accepts;
        if (!isQuiet) _busySince = true;
        if (!isQuiet || !_busySince || GC.GetGCMemoryInfo().TotalCommittedBytes < WorthIt && Environment.WorkingSet < 2 * WorthIt) return;

        _busySince = false;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
