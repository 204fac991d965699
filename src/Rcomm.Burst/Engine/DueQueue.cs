namespace Rcomm.Burst.Engine;

/// <summary>Connections that become due in the order of their addition, because all wait equally long.</summary>
internal sealed class DueQueue
{
    private readonly Queue<(int Id, long Due)> _queue = [];

    public void Add(int id, long due) => _queue.Enqueue((id, due));

    /// <summary>Returns when the next one is due, but at most <paramref name="otherwise"/>.</summary>
    public long NextOr(long otherwise) => _queue.TryPeek(out (int Id, long Due) next) ? Math.Min(next.Due, otherwise) : otherwise;

    public bool TryTake(long now, out int id, out long due)
    {
        bool isDue = _queue.TryPeek(out (int Id, long Due) next) && next.Due <= now;
        if (isDue) _queue.Dequeue();
        (id, due) = next;
        return isDue;
    }
}
