namespace Rcomm.Site.FastPath;

/// <summary>
/// A bounded number of answers, each in the slot that its key leads to. One that was given since another last wanted its place, or its
/// bytes, stays (the clock algorithm): requests that come once don't push out what is asked for again and again. Finding takes no lock.
/// </summary>
/// <param name="count">Slots; a power of two.</param>
/// <param name="maxBytes">Of all answers together.</param>
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
            // Twice around: by then each has lost the use that it had.
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
