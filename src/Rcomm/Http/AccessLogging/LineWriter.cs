using Rcomm.Shared.Logging;

namespace Rcomm.Http.AccessLogging;

/// <summary>
/// Collects lines and writes them in batches on its own thread, so that requests never wait for a disk or a pipe. If the output is too slow, lines are
/// dropped and counted.
/// </summary>
internal sealed class LineWriter : IDisposable
{
    private const int MaxBytesHeld = 4 << 20;
    private const int WriteSize = 64 << 10;
    // The maximum delay of a line; each write wakes up the thread.
    private static readonly TimeSpan GatherInterval = TimeSpan.FromMilliseconds(50);

    // An output without a reader must not keep the process from exiting.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _first = new(false);
    // It is rarely set soon, so spinning would only waste processor time.
    private readonly ManualResetEventSlim _enough = new(false, spinCount: 0);
    private readonly LineOutput _output;
    private readonly Action<long> _warnDropped;
    private readonly LogThrottle _warnings = new(TimeSpan.FromMinutes(1));
    private readonly Thread _thread;
    private byte[] _filling = new byte[WriteSize];
    private byte[] _writing = new byte[WriteSize];
    private int _filled;
    private long _dropped;
    private bool _isStarted;
    private volatile bool _ended;

    /// <param name="output">The output; the writer owns it.</param>
    /// <param name="warnDropped">Receives the number of lines dropped so far, once a minute while it grows.</param>
    public LineWriter(LineOutput output, Action<long> warnDropped)
    {
        _output = output;
        _warnDropped = warnDropped;
        _thread = new Thread(Run) { IsBackground = true, Name = "access log" };
    }

    /// <summary>The number of lines dropped so far, because the output was too slow or refused them.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Queues a line, including its line break.</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        bool first, enough;
        lock (_lock)
        {
            if (_ended || _filled + line.Length > MaxBytesHeld)
            {
                Drop(1);
                return;
            }
            if (!_isStarted)
            {
                // Not earlier, since the start of a thread waits until the thread runs.
                _thread.Start();
                _isStarted = true;
            }
            if (_filled + line.Length > _filling.Length) Array.Resize(ref _filling, Math.Max(_filling.Length * 2, _filled + line.Length));
            line.CopyTo(_filling.AsSpan(_filled));
            first = _filled == 0;
            enough = _filled < WriteSize && _filled + line.Length >= WriteSize;
            _filled += line.Length;
        }
        if (first) _first.Set();
        if (enough) _enough.Set();
    }

    /// <summary>Writes the queued lines immediately.</summary>
    public void Flush() => _enough.Set();

    /// <summary>Reopens the file before the next line, after it was moved.</summary>
    public void Reopen()
    {
        _output.Reopen();
        _first.Set();
    }

    /// <summary>Writes the remaining lines, as far as the output takes them within a second.</summary>
    public void Dispose()
    {
        if (_ended) return;
        lock (_lock) _ended = true;
        _enough.Set();
        _first.Set();
        if (!_isStarted || _thread.Join(StopTimeout)) _output.Dispose();
    }

    private void Run()
    {
        do
        {
            _first.WaitOne();
            _enough.Wait(GatherInterval);
            _enough.Reset();
        }
        while (WriteAll() || !_ended);
    }

    // Returns false if there was nothing to write.
    private bool WriteAll()
    {
        int length;
        lock (_lock)
        {
            (_filling, _writing) = (_writing, _filling);
            (length, _filled) = (_filled, 0);
        }
        ReadOnlySpan<byte> lines = _writing.AsSpan(0, length);
        if (_output.Write(lines) is > 0 and int lost) Drop(lost);
        if (_ended) _first.Set();
        return length > 0;
    }

    private void Drop(int lines)
    {
        long dropped = Interlocked.Add(ref _dropped, lines);
        if (_warnings.TryTake(out _)) _warnDropped(dropped);
    }
}
