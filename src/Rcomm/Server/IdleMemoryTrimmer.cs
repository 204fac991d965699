using Rcomm.Listening.Monitoring;


namespace Rcomm.Server;

/// <summary>
/// Gives memory back to the system once a burst is over. The collector keeps what thousands of connections took for the next time, and
/// without requests it never runs; in a quiet moment a compacting collection costs nobody anything.
/// </summary>
internal sealed class IdleMemoryTrimmer : IDisposable
{
    private const long WorthIt = 48L << 20;
    private const long Quiet = 100;
    // Measured on 2 cores: the collection stops the process for 0.8 ms a megabyte, and a burst brings 50 connections a millisecond.
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
        if (!HoldsDuringPause()) return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    // Nobody is accepted while the collection runs: what comes meanwhile must find room in the listen queue.
    private bool HoldsDuringPause()
    {
        double pause = GC.GetGCMemoryInfo().TotalCommittedBytes / (double)(1 << 20) * PauseOfMegabyte;
        return _queues.All.All(queue => queue.Snapshot().Backlog > pause * BurstRate);
    }
}
