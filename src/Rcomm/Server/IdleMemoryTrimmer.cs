using Rcomm.Listening.Monitoring;


namespace Rcomm.Server;

/// <summary>
/// Returns memory to the system after a burst. The collector keeps what thousands of connections used, and never runs without requests. At a quiet time a
/// compacting collection disturbs nothing.
/// </summary>
internal sealed class IdleMemoryTrimmer : IDisposable
{
    private const long MinCommitted = 48L << 20;
    private const long MaxQuietAccepts = 100;
    // Measured on 2 cores: the collection pauses the process for 0.8 ms per megabyte, and a burst brings 50 connections per millisecond.
    private const double PauseOfMegabyte = 0.8;
    private const double BurstRate = 50;
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    private readonly ListenQueues _queues;
    private readonly Timer _timer;
    private long _acceptsBefore;
    private bool _busySince = true;

    public IdleMemoryTrimmer(ListenQueues queues)
    {
        _queues = queues;
        _timer = new Timer(_ => Check(), null, CheckInterval, CheckInterval);
    }

    public void Dispose() => _timer.Dispose();

    private void Check()
    {
        long accepts = _queues.All.Sum(queue => queue.Snapshot().Accepts);
        bool isQuiet = accepts - _acceptsBefore < MaxQuietAccepts;
        _acceptsBefore = accepts;
        if (!isQuiet) _busySince = true;
        if (!isQuiet || !_busySince || GC.GetGCMemoryInfo().TotalCommittedBytes < MinCommitted && Environment.WorkingSet < 2 * MinCommitted) return;

        _busySince = false;
        if (!HoldsDuringPause()) return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    // Nothing is accepted during the collection, so connections must find room in the listen queue.
    private bool HoldsDuringPause()
    {
        double pause = GC.GetGCMemoryInfo().TotalCommittedBytes / (double)(1 << 20) * PauseOfMegabyte;
        return _queues.All.All(queue => queue.Snapshot().Backlog > pause * BurstRate);
    }
}
