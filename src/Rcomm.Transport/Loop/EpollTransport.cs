using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Accepting;
using Rcomm.Transport.Connections;
using Rcomm.Transport.FastPath;

namespace Rcomm.Transport.Loop;

/// <summary>The connections that are read and written without .NET's sockets: a loop for each processor, and the connections spread over them.</summary>
internal sealed partial class EpollTransport(IMemoryPoolFactory<byte> pools, bool runsHandlers, ILogger logger) : IDisposable
{
    private readonly EventLoop[] _loops = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new EventLoop(number))];
    private readonly Lazy<FastPathLoop[]> _fastPath = new(StartFastPath);
    private readonly MemoryPool<byte> _pool = pools.Create(new MemoryPoolOptions { Owner = "rcomm" });
    private readonly ILogger _logger = logger;
    private uint _next;

    /// <summary>True where a request is handled on the loop's thread; false where it is handed to the thread pool, so that handlers may block.</summary>
    public bool RunsHandlers => runsHandlers;

    public MemoryPool<byte> Pool => _pool;

    /// <summary>The loops of the fast path, a thread for each processor, at most <see cref="AnswerWriter.MaxWriters"/>; started when they are first asked for.</summary>
    public FastPathLoop[] FastPath => _fastPath.Value;

    /// <summary>Makes a connection of what was accepted.</summary>
    /// <param name="accepted">It belongs to the connection from here on.</param>
    /// <param name="local">Our address; null where the connection must be asked.</param>
    /// <param name="fastPath">Where it comes from and may go back to; null for nowhere.</param>
    /// <param name="received">What was read from it already.</param>
    public EpollConnection Create(AcceptedConnection accepted, EndPoint? local, FastPathListener? fastPath = null, ReadOnlySpan<byte> received = default) =>
        new(accepted, local, _loops[Interlocked.Increment(ref _next) % (uint)_loops.Length], this, fastPath, received);

    public void Dispose()
    {
        if (_fastPath.IsValueCreated) foreach (FastPathLoop loop in _fastPath.Value) loop.Dispose();
        foreach (EventLoop loop in _loops) loop.Dispose();
        _pool.Dispose();
    }

    private static FastPathLoop[] StartFastPath()
    {
        var table = new ConnectionTable();
        return [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, AnswerWriter.MaxWriters)).Select(number => new FastPathLoop(number, table))];
    }

    [LoggerMessage(113, LogLevel.Error, "What an application has registered for the end of a connection failed.")]
    public partial void CallbackFailed(Exception exception);
}
