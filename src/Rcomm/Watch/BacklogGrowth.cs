using Microsoft.Extensions.Logging;
using Rcomm.HostQueues;
using Rcomm.Listening.HostQueues;
using Rcomm.Listening.Sizing;

namespace Rcomm.Watch;

/// <summary>Doubles the backlog of a queue that fills, while its program runs; never shrinks one.</summary>
/// <param name="growTo">The upper limit; null for the kernel's cap.</param>
internal sealed class BacklogGrowth(int? growTo, ILogger logger)
{
    private const double Filling = 0.75;
    private const int MinBacklog = 16;

    /// <summary>Grows the queue if it is nearly full or has just refused a handshake.</summary>
    /// <param name="turnedAway">Handshake attempts that found the queue full since the last reading.</param>
    public void Grow(WatchedQueue watched, long turnedAway)
    {
        HostQueue queue = watched.Queue;
        int limit = Math.Min(growTo ?? int.MaxValue, watched.Namespace.Cap ?? int.MaxValue);
        if (queue.Backlog >= limit || queue.Depth < Filling * queue.Backlog && turnedAway == 0) return;

        long backlog = Math.Max(queue.Backlog, MinBacklog / 2);
        do backlog *= 2;
        while (backlog < limit && backlog <= queue.Depth + turnedAway);

        QueueResize.Outcome outcome = QueueResize.Apply(queue, Backlog.Of((int)Math.Min(backlog, limit)), force: false);
        if (outcome.Backlog is not null)
        {
            watched.GrowthFailed = false;
            WatchLog.Grown(logger, outcome.Sentence, queue.Depth, turnedAway);
        }
        else if (!watched.GrowthFailed)
        {
            watched.GrowthFailed = true;
            WatchLog.GrowthFailed(logger, outcome.Sentence);
        }
    }
}
