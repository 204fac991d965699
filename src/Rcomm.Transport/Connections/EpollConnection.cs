using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Rcomm.Listening.Accepting;
using Rcomm.Shared.Linux;
using Rcomm.Transport.FastPath;
using Rcomm.Transport.Loop;

namespace Rcomm.Transport.Connections;

/// <summary>A connection as Kestrel sees it, read and written with direct system calls.</summary>
internal class EpollConnection : ConnectionContext, IDuplexPipe, IThreadPoolWorkItem,
    IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature,
    IMemoryPoolFeature, IHalfClosedFeature, IReceivedFeature, IFastPathFeature, IOutgoingFeature, IEventLoopFeature
{
    private static readonly Type[] Implemented =
    [
        typeof(IConnectionIdFeature), typeof(IConnectionTransportFeature), typeof(IConnectionItemsFeature), typeof(IConnectionLifetimeFeature),
        typeof(IConnectionEndPointFeature), typeof(IMemoryPoolFeature), typeof(IHalfClosedFeature), typeof(IReceivedFeature), typeof(IOutgoingFeature),
        typeof(IEventLoopFeature),
    ];

    private static long s_count;

    private readonly EpollTransport _transport;
    private readonly EventLoop _loop;
    private readonly FastPathListener? _fastPath;
    private readonly EpollPipeReader _reader;
    private readonly EpollPipeWriter _writer;
    private readonly CancellationTokenSource _closed = new();
    private int _ended;
    private int _hasLeft;
    private IdlePolicy _idlePolicy;
    private bool _returns;
    private ConnectionAbortedException? _abortReason;
    private string? _id;
    private IDictionary<object, object?>? _items;
    private EndPoint? _local;
    private EndPoint? _remote;
    private CancellationToken? _givenClosed;
    private IDuplexPipe? _givenPipe;

    public EpollConnection(AcceptedConnection accepted, EndPoint? local, EventLoop loop, EpollTransport transport, FastPathListener? fastPath)
    {
        (Handle, _local, _loop, _transport, _fastPath) = (accepted, local, loop, transport, fastPath);
        _reader = new EpollPipeReader(this);
        _writer = new EpollPipeWriter(this);
        Watch = new EventWatch(this, loop);
        Features = new ConnectionFeatures(this, Implemented);
        Features[typeof(ISendRoomFeature)] = _writer;
        if (fastPath?.Heads is not null) Features[typeof(IFastPathFeature)] = this;
    }

    public AcceptedConnection Handle { get; }

    public EventWatch Watch { get; }

    public bool IsKept { get; set; }

    public MemoryPool<byte> Pool => _transport.Pool;

    public bool RunsHandlers => _transport.RunsHandlers;

    /// <summary>Whether a request that isn't answered at once calls <see cref="WatchReading"/>. Most are, and need no epoll call.</summary>
    public bool IsWatchedByRequests => RunsHandlers && _fastPath?.Heads is not null;

    /// <summary>Whether <see cref="End"/> was called or the connection is closed.</summary>
    public bool HasEnded => Volatile.Read(ref _ended) != 0;

    public override IDuplexPipe Transport
    {
        get => _givenPipe ?? this;
        set => _givenPipe = value;
    }

    public override IFeatureCollection Features { get; }

    public override string ConnectionId
    {
        get => _id ??= string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId:X}-{Interlocked.Increment(ref s_count):X}");
        set => _id = value;
    }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _givenClosed ?? _closed.Token;
        set => _givenClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _local ??= SocketNames.LocalOf(Handle);
        set => _local = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _remote ??= Handle.RemoteEndPoint;
        set => _remote = value;
    }

    MemoryPool<byte> IMemoryPoolFeature.MemoryPool => _transport.Pool;

    IReadyAnswers? IFastPathFeature.Answers => _fastPath!.Answers;

    PipeReader IDuplexPipe.Input => _reader;

    PipeWriter IDuplexPipe.Output => _writer;

    long IReceivedFeature.ReceivedAt => _reader.ReceivedAt;

    int IOutgoingFeature.Loop => _loop.Number;

    /// <summary>Whether the connection reads on for a moment before it closes, so that a reset does not discard the response.</summary>
    protected virtual bool Lingers => true;

    protected EpollPipeReader Reader => _reader;

    protected EpollPipeWriter Writer => _writer;

    /// <summary>Inserts bytes that were received before this object was created.</summary>
    public void AddReceived(ReadOnlySpan<byte> received) => _reader.Put(received);

    /// <summary>Aborts the connection: pending operations fail, and the peer gets a reset.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (Interlocked.CompareExchange(ref _abortReason, abortReason, null) is not null) return;
        try
        {
            SocketCalls.Reset(Handle);
        }
        catch (ObjectDisposedException)
        {
            return;
        }
        End();
    }

    public override async ValueTask DisposeAsync()
    {
        Handle.MarkServed();
        if (_returns && _abortReason is null && !HasEnded)
        {
            Watch.Release();
            if (Interlocked.Exchange(ref _ended, 1) == 0) Execute();
            LeaveKestrel();
            _fastPath!.TakeBack(Handle);
            return;
        }
        _reader.Complete();
        _writer.Complete();
        if (_abortReason is null && _writer.UnflushedBytes > 0) await ConnectionEnd.FlushRestAsync(this, _writer);
        if (Lingers && _abortReason is null && _reader.LeftSomething) await ConnectionEnd.LingerAsync(this, _reader);

        Watch.Remove();
        Handle.Dispose();
        LeaveKestrel();
        if (Interlocked.Exchange(ref _ended, 1) == 0) Execute();
        await base.DisposeAsync();
    }

    Task<IOutgoingConnection> IOutgoingFeature.ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken) =>
        OutgoingConnection.OpenAsync(endPoint, _loop, _transport, cancellationToken);

    Task IEventLoopFeature.RunAsync(Func<Task> work) => _loop.RunAsync(work);

    void IFastPathFeature.ReturnWhenAnswered() => _idlePolicy = IdlePolicy.Return;

    void IFastPathFeature.ReturnIfNeeded()
    {
        if (_idlePolicy == IdlePolicy.Keep) _idlePolicy = IdlePolicy.ReturnIfNeeded;
    }

    void IFastPathFeature.ReturnIdle()
    {
        if (Interlocked.CompareExchange(ref _idlePolicy, IdlePolicy.Return, IdlePolicy.ReturnIfNeeded) == IdlePolicy.ReturnIfNeeded) _reader.Recheck();
    }

    /// <summary>Cancels a planned return to the fast path, since another request has arrived.</summary>
    public void ResetIdlePolicy() => _idlePolicy = IdlePolicy.Keep;

    /// <summary>
    /// Returns true if the connection goes back to the fast path now: everything is answered and no bytes are waiting. The reader then reports the
    /// end of input.
    /// </summary>
    public bool TryReturn() =>
        _returns = (_idlePolicy == IdlePolicy.Return || _idlePolicy == IdlePolicy.ReturnIfNeeded && _transport.KestrelPlaces.AreWaitedFor) && !HasEnded
            && _writer.UnflushedBytes == 0;

    /// <summary>Called on the loop's thread when epoll reports events. Receives what has arrived.</summary>
    public virtual void OnEvents(EpollEvents events)
    {
        bool isOver = (events & (EpollEvents.Error | EpollEvents.HangUp)) != 0;
        if (isOver) End();
        if (isOver || events.HasFlag(EpollEvents.Out)) _writer.Ready();
        if (isOver || events.HasFlag(EpollEvents.In) || events.HasFlag(EpollEvents.PeerClosed))
            _reader.Ready(peerClosed: isOver || events.HasFlag(EpollEvents.PeerClosed));
    }

    /// <summary>Called after <see cref="OnEvents"/>. Handles what was received, and sends more where there is room.</summary>
    public void Continue()
    {
        _reader.Continue();
        _writer.Continue();
    }

    /// <summary>Cancels <see cref="ConnectionClosed"/> on the thread pool: the peer no longer reads, or sends nothing more.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        try
        {
            _closed.Cancel();
        }
        catch (AggregateException e)
        {
            _transport.CallbackFailed(e);
        }
    }

    /// <summary>Returns the exception that explains why the connection ended.</summary>
    public Exception ReasonOf(Errno error) =>
        _abortReason as Exception ?? new ConnectionResetException(
            $"The connection ended: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage((int)error)}.");

    public void WatchReading() => Watch.Add(EpollEvents.In | EpollEvents.PeerClosed | EpollEvents.EdgeTriggered);

    /// <param name="isRepeated">True for another event even if the kernel has reported one since it had no room.</param>
    public void WatchWriting(bool isRepeated = false) =>
        Watch.Add(EpollEvents.In | EpollEvents.PeerClosed | EpollEvents.Out | EpollEvents.EdgeTriggered, isRepeated);

    private void LeaveKestrel()
    {
        if (_fastPath is not null && Interlocked.Exchange(ref _hasLeft, 1) == 0) _fastPath.ReleasePlace();
    }
}
