using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Accepting;
using Rcomm.Shared.Logging;
using Rcomm.Transport.Connections;
using Rcomm.Transport.FastPath;

namespace Rcomm.Transport.Loop;

/// <summary>
/// Reads and writes connections without .NET's sockets. It has one event loop for each processor and spreads connections over them.
/// </summary>
internal sealed partial class EpollTransport : IDisposable
{
    private readonly EventLoop[] _loops = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new EventLoop(number))];
    private readonly Lazy<FastPathLoop[]> _fastPath;
    private readonly MemoryPool<byte> _pool;
    private readonly ILogger _logger;
    private uint _next;
    private readonly LogThrottle _waits = new(TimeSpan.FromMinutes(1));

    /// <param name="pools">Creates the pool of buffers.</param>
    /// <param name="runsHandlers">See <see cref="RunsHandlers"/>.</param>
    /// <param name="maxInKestrel">How many of the fast path's connections Kestrel may have at the same time; null for no limit.</param>
    /// <param name="logger">The logger for messages to the operator.</param>
    public EpollTransport(IMemoryPoolFactory<byte> pools, bool runsHandlers, int? maxInKestrel, ILogger logger)
    {
        _pool = pools.Create(new MemoryPoolOptions { Owner = "rcomm" });
        RunsHandlers = runsHandlers;
        KestrelPlaces = new KestrelPlaces(maxInKestrel);
        _fastPath = new(StartFastPath);
        _logger = logger;
        _loops[0].Start(_loops[1..]);
    }

    /// <summary>Whether requests are handled on the loop's thread. If false, they go to the thread pool, so handlers may block.</summary>
    public bool RunsHandlers { get; }

    /// <summary>Limits how many of the fast path's connections Kestrel has at the same time.</summary>
    public KestrelPlaces KestrelPlaces { get; }

    public MemoryPool<byte> Pool => _pool;

    /// <summary>
    /// The loops of the fast path: one thread for each processor. Started on first use.
    /// </summary>
    public FastPathLoop[] FastPath => _fastPath.Value;

    /// <summary>Creates a connection from an accepted one.</summary>
    /// <param name="accepted">The accepted connection; the new one owns it.</param>
    /// <param name="local">The local address; null if the connection must be asked.</param>
    /// <param name="number">The event loop's number; null for the next one.</param>
    /// <param name="fastPath">The fast path it came from and may return to; null for none.</param>
    /// <param name="received">The bytes already received.</param>
    public EpollConnection Create(
        AcceptedConnection accepted, EndPoint? local, int? number = null, FastPathListener? fastPath = null, ReadOnlySpan<byte> received = default)
    {
        EventLoop loop = _loops[(uint?)number ?? Interlocked.Increment(ref _next) % (uint)_loops.Length];
        var connection = new EpollConnection(accepted, local, loop, this, fastPath);
        connection.AddReceived(received);
        return connection;
    }

    /// <summary>Logs, at most once a minute, that requests wait for a place in Kestrel.</summary>
    public void RequestsWait()
    {
        if (_waits.TryTake(out _)) PlacesAreTaken(KestrelPlaces.Max ?? 0);
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
        FastPathLoop[] loops = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new FastPathLoop(number, table, KestrelPlaces))];
        loops[0].Start(loops[1..]);
        return loops;
    }

    [LoggerMessage(113, LogLevel.Error, "A ConnectionClosed callback threw an exception.")]
    public partial void CallbackFailed(Exception exception);

    [LoggerMessage(116, LogLevel.Warning, "{Max} connections are active, the maximum for the memory limit of this process; " +
        "new requests wait until one of them ends.")]
    private partial void PlacesAreTaken(int max);
}
