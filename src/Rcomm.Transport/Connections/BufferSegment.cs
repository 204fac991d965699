using System.Buffers;

namespace Rcomm.Transport.Connections;

/// <summary>A block from the pool that holds bytes received and not yet consumed, or written and not yet sent.</summary>
internal sealed class BufferSegment : ReadOnlySequenceSegment<byte>
{
    private IMemoryOwner<byte>? _owner;
    private byte[]? _array;
    private Memory<byte> _block;

    public BufferSegment? After => (BufferSegment?)Next;

    /// <summary>The number of bytes filled.</summary>
    public int End => Memory.Length;

    /// <summary>Whether the segment owns a block, rather than only its bytes.</summary>
    public bool HasBlock => _owner is not null || _array is not null;

    /// <summary>The part of the block that is not filled.</summary>
    public Memory<byte> Room => _block[End..];

    /// <summary>
    /// Rents a block with room for at least <paramref name="least"/> bytes: from the pool if its blocks are that large, else from the shared array
    /// pool.
    /// </summary>
    public void Fill(MemoryPool<byte> pool, int least)
    {
        if (least <= pool.MaxBufferSize) _block = (_owner = pool.Rent(Math.Max(least, 1))).Memory;
        else _block = _array = ArrayPool<byte>.Shared.Rent(least);
        Memory = _block[..0];
    }

    /// <summary>Uses an array that nothing else refers to, instead of a block.</summary>
    public void Take(byte[] bytes) => Memory = _block = bytes;

    public void Append(int count) => Memory = _block[..(End + count)];

    public void Link(BufferSegment after)
    {
        after.RunningIndex = RunningIndex + End;
        Next = after;
    }

    /// <summary>Returns the block. The segment can be filled again.</summary>
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
