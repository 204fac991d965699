using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Proxy.Bodies;

/// <summary>
/// Buffers a body that arrives faster than it is sent: first in memory, then in a temporary file. One side writes and one reads, concurrently or one
/// after the other. Data in the file is always newer than data in memory.
/// </summary>
internal sealed class BodyBuffer(MemoryBudget budget, long maxFile) : IDisposable
{
    public const int BlockSize = 16 * 1024;
    // A single body must leave memory for others.
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

    /// <summary>Whether neither the memory nor the file has room.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock) return HasNoRoom;
        }
    }

    private bool HasNoRoom => _fileEnd >= maxFile && _fileEnd > _fileStart && !_isStopped;

    public long Length { get; private set; }

    /// <summary>Buffers bytes, even if the buffer is full.</summary>
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
            throw new UpstreamException(UpstreamFailure.NotKept, $"a body can't be buffered in {Path.GetTempPath()} ({e.Message.TrimEnd('.')})", e);
        }
        lock (_lock) _fileEnd += bytes.Length;
        Changed();
    }

    public async ValueTask WaitForRoomAsync()
    {
        while (IsFull) await NextChangeAsync(() => HasNoRoom);
    }

    /// <summary>Ends writing.</summary>
    /// <param name="error">What the reader gets at the end; null for the normal end.</param>
    public void Complete(Exception? error = null)
    {
        lock (_lock)
        {
            _error = error;
            _isComplete = true;
        }
        Changed();
    }

    /// <summary>Ends reading: anything written from now on is discarded.</summary>
    public void Stop()
    {
        lock (_lock) _isStopped = true;
        Changed();
    }

    /// <summary>Reads the oldest bytes. Returns 0 at the end.</summary>
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
            // Data newer than the file's must not overtake it.
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

    // Deleted immediately, so that no file remains however the process ends.
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
