namespace Rcomm.Http.AccessLogging;

/// <summary>
/// Collects lines and writes them from a thread of its own, several at a time: whoever has a line never waits for a disk or a pipe. Where the
/// output is too slow, lines are dropped and counted.
/// </summary>
internal sealed class LineWriter : IDisposable
{
    private const int MaxBytesHeld = 4 << 20;
    private const int WorthWriting = 64 << 10;
    // How late a line may be seen; each write is a wake-up of the thread.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _first = new(false);
    private readonly ManualResetEventSlim _enough = new(false);
    private readonly LogOutput _output;
    private readonly Thread _thread;
    private byte[] _filling = new byte[WorthWriting];
    private byte[] _writing = new byte[WorthWriting];
    private int _filled;
    private long _dropped;
    private volatile bool _ended;

    public LineWriter(LogOutput output)
    {
        _output = output;
        _thread = new Thread(Run) { IsBackground = true, Name = "access log" };
        _thread.Start();
    }

    /// <summary>Lines that were dropped since the start, because the output was too slow or refused them.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Takes a line with its end.</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        bool first, enough;
        lock (_lock)
        {
            if (_ended || _filled + line.Length > MaxBytesHeld)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }
            if (_filled + line.Length > _filling.Length) Array.Resize(ref _filling, Math.Max(_filling.Length * 2, _filled + line.Length));
            line.CopyTo(_filling.AsSpan(_filled));
            first = _filled == 0;
            enough = _filled < WorthWriting && _filled + line.Length >= WorthWriting;
            _filled += line.Length;
        }
        if (first) _first.Set();
        if (enough) _enough.Set();
    }

    /// <summary>Opens the file anew before the next line: the old one was moved away.</summary>
    public void Reopen()
    {
        _output.Reopen();
        _first.Set();
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose()
    {
        if (_ended) return;
        lock (_lock) _ended = true;
        _enough.Set();
        _first.Set();
        _thread.Join();
        _output.Dispose();
    }

    private void Run()
    {
        do
        {
            _first.WaitOne();
            _enough.Wait(Gathering);
            _enough.Reset();
        }
        while (WriteAll() || !_ended);
    }

    // False when there was nothing.
    private bool WriteAll()
    {
        int length;
        lock (_lock)
        {
            (_filling, _writing) = (_writing, _filling);
            (length, _filled) = (_filled, 0);
        }
        ReadOnlySpan<byte> lines = _writing.AsSpan(0, length);
        if (!_output.TryWrite(lines)) Interlocked.Add(ref _dropped, lines.Count((byte)'\n'));
        if (_ended) _first.Set();
        return length > 0;
    }
}
