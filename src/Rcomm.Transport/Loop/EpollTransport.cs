using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Rcomm.Listening.Accepting;
using Rcomm.Transport.Connections;

namespace Rcomm.Transport.Loop;

/// <summary>The connections that are read and written without .NET's sockets: a loop for each processor, and the connections spread over them.</summary>
internal sealed partial class EpollTransport(IMemoryPoolFactory<byte> pools, bool runsHandlers, ILogger logger) : IDisposable
{
    private readonly EventLoop[] _loops = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new EventLoop(number))];
    private readonly MemoryPool<byte> _pool = pools.Create(new MemoryPoolOptions { Owner = "rcomm" });
    private readonly ILogger _logger = logger;
    private uint _next;

    /// <summary>True where a request is handled on the loop's thread; false where it is handed to the thread pool, so that handlers may block.</summary>
    public bool RunsHandlers => runsHandlers;

    public MemoryPool<byte> Pool => _pool;

    /// <summary>Makes a connection of what was accepted.</summary>
    /// <param name="accepted">It belongs to the connection from here on.</param>
    /// <param name="local">Our address; null where the connection must be asked.</param>
    public EpollConnection Create(AcceptedConnection accepted, EndPoint? local) =>
        new(accepted, local, _loops[Interlocked.Increment(ref _next) % (uint)_loops.Length], this);

    public void Dispose()
    {
        foreach (EventLoop loop in _loops) loop.Dispose();
        _pool.Dispose();
    }

    [LoggerMessage(113, LogLevel.Error, "What an application has registered for the end of a connection failed.")]
    public partial void CallbackFailed(Exception exception);
}
