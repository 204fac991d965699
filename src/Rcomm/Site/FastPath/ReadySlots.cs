namespace Rcomm.Site.FastPath;

/// <summary>
/// A fixed number of slots for answers, each found by its key. An answer used since another last wanted its slot or its bytes stays (the clock
/// algorithm), so one-time requests don't evict popular ones. Lookups take no lock.
/// </summary>
/// <param name="count">The number of slots; a power of two.</param>
/// <param name="maxBytes">The maximum size of all answers together, in bytes.</param>
internal sealed class ReadySlots(int count, long maxBytes)
{
    private readonly PublishedAnswer?[] _slots = new PublishedAnswer?[count];
    private readonly Lock _lock = new();
    private int _hand;
    private long _bytes;
    private int _held;

    public int Count => Volatile.Read(ref _held);

    public long Bytes => Interlocked.Read(ref _bytes);

    public PublishedAnswer? Find(ReadOnlySpan<byte> key, uint hash) =>
        Volatile.Read(ref _slots[hash % (uint)_slots.Length]) is { } answer && answer.Key.Bytes.AsSpan().SequenceEqual(key) ? answer : null;

    public void Put(PublishedAnswer answer)
    {
        if (answer.Size > maxBytes) return;
        int slot = (int)(answer.Key.Hash % (uint)_slots.Length);
        lock (_lock)
        {
            PublishedAnswer? before = _slots[slot];
            if (before is not null && !before.Key.Bytes.AsSpan().SequenceEqual(answer.Key.Bytes) && before.TakeUse()) return;
            Replace(slot, answer);
            // Twice around: by then each answer has lost its use mark.
            for (int steps = 2 * count; _bytes > maxBytes && steps > 0; steps--)
            {
                _hand = (_hand + 1) % count;
                if (_hand != slot && _slots[_hand]?.TakeUse() == false) Replace(_hand, null);
            }
            if (_bytes > maxBytes) Replace(slot, null);
        }
    }

    private void Replace(int slot, PublishedAnswer? answer)
    {
        PublishedAnswer? before = _slots[slot];
        _bytes += (answer?.Size ?? 0) - (before?.Size ?? 0);
        _held += (answer is null ? 0 : 1) - (before is null ? 0 : 1);
        Volatile.Write(ref _slots[slot], answer);
    }
}
