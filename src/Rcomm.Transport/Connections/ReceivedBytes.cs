using System.Buffers;

namespace Rcomm.Transport.Connections;

/// <summary>Bytes received on a connection and not yet consumed, in blocks from the pool. Not thread-safe.</summary>
internal sealed class ReceivedBytes(MemoryPool<byte> pool)
{
    // Less room in the last block than this is not worth a system call.
    private const int MinRoom = 1024;
    // Used if one read filled the last block, since more data is probably on its way.
    private const int StreamRoom = 16 * 1024;
    // No more bytes than this are copied to free their block.
    private const int MaxCompacted = 1024;

    private BufferSegment? _head;
    private BufferSegment? _tail;
    private BufferSegment? _spare;
    private int _start;

    public bool IsEmpty => _head is null;

    /// <summary>Whether the reader has examined everything and waits for more.</summary>
    public bool IsExamined { get; private set; } = true;

    /// <summary>Whether the last append filled all the available room.</summary>
    public bool HasFilled { get; private set; }

    public ReadOnlySequence<byte> All => _head is null ? default : new(_head, _start, _tail!, _tail!.End);

    /// <summary>Returns memory for the next bytes. Follow it with <see cref="Append"/> or <see cref="ReleaseRoom"/>.</summary>
    public Memory<byte> Room()
    {
        if (_tail is not null && _tail.Room.Length >= MinRoom) return _tail.Room;

        BufferSegment segment = _spare ?? new BufferSegment();
        _spare = null;
        segment.Fill(pool, HasFilled ? StreamRoom : MinRoom);
        _tail?.Link(segment);
        _head ??= segment;
        _tail = segment;
        return segment.Room;
    }

    public void Append(int count)
    {
        HasFilled = count == _tail!.Room.Length;
        _tail.Append(count);
        IsExamined = false;
    }

    /// <summary>Releases the room if nothing was received into it.</summary>
    public void ReleaseRoom()
    {
        if (_head == _tail && _tail!.End == 0) ReleaseHead();
    }

    /// <summary>Inserts bytes that were already received. Call it only while nothing else has been received.</summary>
    public void Put(ReadOnlySpan<byte> received)
    {
        if (received.Length is > 0 and <= MaxCompacted)
        {
            Keep(received.ToArray());
            IsExamined = false;
            return;
        }
        while (!received.IsEmpty)
        {
            Span<byte> room = Room().Span;
            int count = Math.Min(room.Length, received.Length);
            received[..count].CopyTo(room);
            Append(count);
            received = received[count..];
        }
    }

    public void Advance(SequencePosition consumed, SequencePosition examined)
    {
        if (_head is null || consumed.GetObject() is not BufferSegment last || examined.GetObject() is not BufferSegment seen) return;

        IsExamined = seen.RunningIndex + examined.GetInteger() >= _tail!.RunningIndex + _tail.End;
        while (_head != last) ReleaseHead();
        _start = consumed.GetInteger();
        if (_head == _tail && _start == _tail!.End) ReleaseHead();
    }

    /// <summary>Moves a short partial message to an array of its exact size, since the rest may take minutes to arrive.</summary>
    public void Compact()
    {
        if (_head is null || (_head == _tail && !_head.HasBlock) || All.Length > MaxCompacted) return;
        byte[] bytes = All.ToArray();
        bool examined = IsExamined;
        Clear();
        Keep(bytes);
        IsExamined = examined;
    }

    public void Clear()
    {
        while (_head is not null) ReleaseHead();
    }

    private void Keep(byte[] bytes)
    {
        _head = _tail = _spare ?? new BufferSegment();
        _spare = null;
        _head.Take(bytes);
    }

    private void ReleaseHead()
    {
        BufferSegment released = _head!;
        _head = released.After;
        if (_head is null)
        {
            _tail = null;
            IsExamined = true;
        }
        _start = 0;
        released.Release();
        _spare = released;
    }
}
