using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Proxy.Bodies;

/// <summary>
/// A body that comes at one speed and goes at another: in memory first, then in a temporary file. One side writes and one reads, at the same time
/// or one after the other; what is in the file is always newer than what is in memory.
/// </summary>
internal sealed class BodyBuffer(MemoryBudget budget, long maxFile) : IDisposable
{
    private const int BlockSize = 16 * 1024;
    // A single body leaves memory to others.
    private const int MaxBlocks = 16;

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _blocks = new();
    private byte[]? _last;
    private int _lastEnd;
    private int _firstStart;
    private SafeFileHandle? _file;
    private long _fileStart;
    private long _fileEnd;
    private bool _isComplete;
    private bool _isStopped;
    private Exception? _error;
    private TaskCompletionSource? _changed;

    /// <summary>True where neither the memory nor the file has room.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock) return HasNoRoom;
        }
    }

    private bool HasNoRoom => _fileEnd >= maxFile && _fileEnd > _fileStart && !_isStopped;

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>Keeps bytes, even where it is full.</summary>
    /// <exception cref="UpstreamException">The file can't be written.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        Length += bytes.Length;
        bytes = bytes[WriteToMemory(bytes.Span)..];
        if (bytes.Length == 0) return;

        try
        {
            _file ??= OpenFile();
            await RandomAccess.WriteAsync(_file, bytes, _fileEnd);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UpstreamException(UpstreamFailure.NotKept, $"a body can't be kept in {Path.GetTempPath()} ({e.Message.TrimEnd('.')})", e);
        }
        lock (_lock) _fileEnd += bytes.Length;
        Changed();
    }

    /// <summary>Waits until there is room.</summary>
    public async ValueTask WaitForRoomAsync()
    {
        while (IsFull) await NextChangeAsync(() => HasNoRoom);
    }

    /// <summary>Nothing more is written.</summary>
    /// <param name="error">What the reader meets at the end; null for the end itself.</param>
    public void Complete(Exception? error = null)
    {
        lock (_lock)
        {
            _error = error;
            _isComplete = true;
        }
        Changed();
    }

    /// <summary>Nobody reads any more: what is written from now on is thrown away.</summary>
    public void Stop()
    {
        lock (_lock) _isStopped = true;
        Changed();
    }

    /// <summary>Takes the oldest bytes; 0 at the end.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> room)
    {
        while (true)
        {
            if (ReadFromMemory(room.Span) is > 0 and int count) return count;
            long start;
            int length;
            lock (_lock)
            {
                if (_blocks.Count > 0) continue;
                start = _fileStart;
                length = (int)Math.Min(_fileEnd - _fileStart, room.Length);
                if (length == 0 && _isComplete) return _error is null ? 0 : throw _error;
            }
            if (length == 0)
            {
                await NextChangeAsync(() => _blocks.Count == 0 && _fileEnd == _fileStart && !_isComplete);
                continue;
            }
            int read = await RandomAccess.ReadAsync(_file!, room[..length], start);
            lock (_lock) _fileStart += read;
            Changed();
            return read;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isStopped = true;
            while (_blocks.TryDequeue(out byte[]? block)) Release(block);
            _last = null;
        }
        _file?.Dispose();
    }

    private int WriteToMemory(ReadOnlySpan<byte> bytes)
    {
        int written = 0;
        lock (_lock)
        {
            // What comes after what the file has must not overtake it.
            if (_isStopped) return bytes.Length;
            if (_fileEnd > _fileStart) return 0;
            _fileStart = _fileEnd = 0;
            while (written < bytes.Length)
            {
                if (_last is null || _lastEnd == BlockSize)
                {
                    if (_blocks.Count >= MaxBlocks || !budget.TryTake(BlockSize)) break;
                    _blocks.Enqueue(_last = ArrayPool<byte>.Shared.Rent(BlockSize));
                    _lastEnd = 0;
                }
                int count = Math.Min(bytes.Length - written, BlockSize - _lastEnd);
                bytes.Slice(written, count).CopyTo(_last.AsSpan(_lastEnd));
                _lastEnd += count;
                written += count;
            }
        }
        if (written > 0) Changed();
        return written;
    }

    private int ReadFromMemory(Span<byte> room)
    {
        int read = 0;
        lock (_lock)
        {
            while (read < room.Length && _blocks.TryPeek(out byte[]? first))
            {
                int end = first == _last ? _lastEnd : BlockSize;
                int count = Math.Min(room.Length - read, end - _firstStart);
                first.AsSpan(_firstStart, count).CopyTo(room[read..]);
                read += count;
                _firstStart += count;
                if (_firstStart < end) break;
                _blocks.Dequeue();
                if (first == _last) _last = null;
                _firstStart = 0;
                Release(first);
            }
        }
        return read;
    }

    private void Release(byte[] block)
    {
        ArrayPool<byte>.Shared.Return(block);
        budget.GiveBack(BlockSize);
    }

    // Without a name from the start, so that no end of the process leaves it behind.
    private static SafeFileHandle OpenFile()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
        File.Delete(path);
        return file;
    }

    private void Changed()
    {
        TaskCompletionSource? changed;
        lock (_lock) (changed, _changed) = (_changed, null);
        changed?.TrySetResult();
    }

    private Task NextChangeAsync(Func<bool> isNeeded)
    {
        lock (_lock) return isNeeded() ? (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
    }
}
