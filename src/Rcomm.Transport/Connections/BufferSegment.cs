using System.Buffers;

namespace Rcomm.Transport.Connections;

/// <summary>A block of the pool: bytes that came in and are not used yet, or that have not gone out.</summary>
internal sealed class BufferSegment : ReadOnlySequenceSegment<byte>
{
    private IMemoryOwner<byte>? _owner;
    private byte[]? _array;
    private Memory<byte> _block;

    /// <summary>The segment after this one.</summary>
    public BufferSegment? After => (BufferSegment?)Next;

    /// <summary>How many bytes of the block are filled.</summary>
    public int End => Memory.Length;

    /// <summary>True where it has a block, and not just its bytes.</summary>
    public bool HasBlock => _owner is not null || _array is not null;

    /// <summary>What is not filled yet.</summary>
    public Memory<byte> Room => _block[End..];

    /// <summary>Takes a block with room for so many bytes, of the pool where it has blocks as large.</summary>
    public void Fill(MemoryPool<byte> pool, int least)
    {
        if (least <= pool.MaxBufferSize) _block = (_owner = pool.Rent(Math.Max(least, 1))).Memory;
        else _block = _array = ArrayPool<byte>.Shared.Rent(least);
        Memory = _block[..0];
    }

    /// <summary>Takes bytes that nobody else uses, and no block.</summary>
    public void Take(byte[] bytes) => Memory = _block = bytes;

    public void Append(int count) => Memory = _block[..(End + count)];

    public void Link(BufferSegment after)
    {
        after.RunningIndex = RunningIndex + End;
        Next = after;
    }

    /// <summary>Gives the block back; the segment can be filled again.</summary>
    public void Release()
    {
        _owner?.Dispose();
        if (_array is not null) ArrayPool<byte>.Shared.Return(_array);
        _owner = null;
        _array = null;
        _block = default;
        Memory = default;
        Next = null;
        RunningIndex = 0;
    }
}
