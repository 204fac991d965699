using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Accepting;
using Rcomm.Transport.Connections;
using Rcomm.Transport.FastPath;

namespace Rcomm.Transport.Loop;

/// <summary>The connections that are read and written without .NET's sockets: a loop for each processor, and the connections spread over them.</summary>
internal sealed partial class EpollTransport : IDisposable
{
    private const long LogInterval = 60_000;

    private readonly EventLoop[] _loops = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new EventLoop(number))];
    private readonly Lazy<FastPathLoop[]> _fastPath;
    private readonly MemoryPool<byte> _pool;
    private readonly ILogger _logger;
    private uint _next;
    private long _waitLogged = -LogInterval;

    /// <param name="pools">Where buffers come from.</param>
    /// <param name="runsHandlers">See <see cref="RunsHandlers"/>.</param>
    /// <param name="maxInKestrel">How many of the fast path's connections Kestrel may have at once; null for any number.</param>
    /// <param name="logger">Told what an operator should know.</param>
    public EpollTransport(IMemoryPoolFactory<byte> pools, bool runsHandlers, int? maxInKestrel, ILogger logger)
    {
        _pool = pools.Create(new MemoryPoolOptions { Owner = "rcomm" });
        RunsHandlers = runsHandlers;
        KestrelPlaces = new KestrelPlaces(maxInKestrel);
        _fastPath = new(StartFastPath);
        _logger = logger;
    }

    /// <summary>True where a request is handled on the loop's thread; false where it is handed to the thread pool, so that handlers may block.</summary>
    public bool RunsHandlers { get; }

    /// <summary>How many of the fast path's connections Kestrel may have at once.</summary>
    public KestrelPlaces KestrelPlaces { get; }

    public MemoryPool<byte> Pool => _pool;

    /// <summary>
    /// The loops of the fast path, a thread for each processor, at most <see cref="AnswerWriter.MaxWriters"/>; started when they are first
    /// asked for.
    /// </summary>
    public FastPathLoop[] FastPath => _fastPath.Value;

    /// <summary>Makes a connection of what was accepted.</summary>
    /// <param name="accepted">It belongs to the connection from here on.</param>
    /// <param name="local">Our address; null where the connection must be asked.</param>
    /// <param name="number">The event loop's number; null for the next one.</param>
    /// <param name="fastPath">Where it comes from and may go back to; null for nowhere.</param>
    /// <param name="received">What was read from it already.</param>
    public EpollConnection Create(
        AcceptedConnection accepted, EndPoint? local, int? number = null, FastPathListener? fastPath = null, ReadOnlySpan<byte> received = default) =>
        new(accepted, local, _loops[(uint?)number ?? Interlocked.Increment(ref _next) % (uint)_loops.Length], this, fastPath, received);

    /// <summary>Says, at most once a minute, that requests wait for a place in Kestrel.</summary>
    public void RequestsWait()
    {
        long now = Environment.TickCount64, before = Interlocked.Read(ref _waitLogged);
        if (now - before >= LogInterval && Interlocked.CompareExchange(ref _waitLogged, now, before) == before) PlacesAreTaken(KestrelPlaces.Max ?? 0);
    }

    public void Dispose()
    {
        if (_fastPath.IsValueCreated) foreach (FastPathLoop loop in _fastPath.Value) loop.Dispose();
        foreach (EventLoop loop in _loops) loop.Dispose();
        _pool.Dispose();
    }

    private FastPathLoop[] StartFastPath()
    {
        var table = new ConnectionTable();
        return [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, AnswerWriter.MaxWriters))
            .Select(number => new FastPathLoop(number, table, KestrelPlaces))];
    }

    [LoggerMessage(113, LogLevel.Error, "What an application has registered for the end of a connection failed.")]
    public partial void CallbackFailed(Exception exception);

    [LoggerMessage(116, LogLevel.Warning, "{Max} connections are active, as many as the memory limit of this process allows: " +
        "new requests wait for one of them to end.")]
    private partial void PlacesAreTaken(int max);
}
