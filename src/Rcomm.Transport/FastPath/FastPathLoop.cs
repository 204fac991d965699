using System.Collections.Concurrent;
using Rcomm.Listening.Accepting;
using Rcomm.Shared.Linux;
using Rcomm.Transport.Loop;

namespace Rcomm.Transport.FastPath;

/// <summary>
/// A thread that answers plain requests from memory. Each iteration:
/// 1. waits for events;
/// 2. lists new connections;
/// 3. receives once for each event, writes the ready answers into a buffer and sends it in one call;
/// 4. hands connections without a ready answer to Kestrel, with the bytes received;
/// 5. once a second, closes connections that were idle for too long.
/// A partial request head is held here until the rest arrives, and a request that Kestrel has no place for until there is one.
/// </summary>
internal sealed class FastPathLoop : IDisposable
{
    private const EpollEvents Watched = EpollEvents.In | EpollEvents.PeerClosed | EpollEvents.EdgeTriggered;
    private const ulong WakeKey = ulong.MaxValue;
    private const int None = ConnectionList.None;
    private const int ReceivedAtOnce = 16 << 10;
    private const int TickInterval = 1000;
    private const int RetryInterval = 50;

    private readonly ConnectionTable _table;
    private readonly EpollInstance _epoll = new();
    private readonly EventDescriptor _wake = new();
    private readonly LoopConnections _connections;
    private readonly KestrelPlaces _places;
    private readonly AnswerWriter _answers = new();
    private readonly ClientAddresses _clients = new();
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly Thread _thread;
    private readonly byte[] _received = new byte[ReceivedAtOnce];
    private readonly byte[] _written = new byte[AnswerWriter.MaxAnswers];
    private readonly TurnScheduling _scheduling = new();
    private int _newcomers = None;
    private long _now = Environment.TickCount64;
    private long _lastTick;
    private volatile bool _ended;

    public FastPathLoop(int number, ConnectionTable table, KestrelPlaces places)
    {
        _table = table;
        _places = places;
        _places.Freed += _wake.Signal;
        _connections = new LoopConnections(number, table, _epoll, places);
        _epoll.Add(_wake, EpollEvents.In, WakeKey);
        _thread = new Thread(others => Run((FastPathLoop[])others!)) { IsBackground = true, Name = $"fast path {number}" };
        FastPathMetrics.Add(this);
    }

    /// <summary>The number of requests answered.</summary>
    public long Answered => _answers.Count;

    public long HandedOver => _connections.HandedOver;

    public int Connections => _connections.Count;

    /// <summary>Starts this loop, which starts the others: the start of a thread waits until the thread runs.</summary>
    public void Start(FastPathLoop[] others) => _thread.Start(others);

    /// <summary>Adds a connection. Can be called on any thread. The loop wakes up only when there is something to read.</summary>
    public void Add(int descriptor, in PeerAddress peer, OpenConnections place, FastPathListener listener, bool isServed)
    {
        ref FastPathConnection connection = ref _table.Reserve(descriptor);
        uint generation = unchecked(connection.Generation + 1);
        connection = new() { Generation = generation, Peer = peer, Listener = listener, Place = place, IsServed = isServed, HadRequest = isServed };
        // Once it is the head of the list it belongs to the loop, and must not be read here.
        int head = Volatile.Read(ref _newcomers), before;
        do
        {
            before = head;
            connection.Next = before;
            head = Interlocked.CompareExchange(ref _newcomers, descriptor, before);
        }
        while (head != before);
        if (!_epoll.TryAdd(descriptor, Watched, KeyOf(descriptor, generation))) CloseSoon(descriptor, generation);
    }

    /// <summary>Closes the idle connections of a listener that has ended, and hands Kestrel those with a partial request.</summary>
    public Task EndAsync(FastPathListener listener)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Execute(() =>
        {
            _connections.End(listener);
            ended.SetResult();
        });
        return ended.Task;
    }

    /// <summary>Closes the longest-idle connections to make room for new ones. Returns how many were closed.</summary>
    /// <param name="max">The maximum number to close.</param>
    public Task<int> CloseLongestIdleAsync(int max)
    {
        var closed = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Execute(() => closed.SetResult(_connections.CloseLongestIdle(max, _now)));
        return closed.Task;
    }

    public void Dispose()
    {
        _places.Freed -= _wake.Signal;
        _ended = true;
        _wake.Signal();
        if (Thread.CurrentThread != _thread) _thread.Join();
        FastPathMetrics.Remove(this);
    }

    private static ulong KeyOf(int descriptor, uint generation) => ((ulong)generation << 32) | (uint)descriptor;

    private void Execute(Action command)
    {
        _commands.Enqueue(command);
        _wake.Signal();
    }

    // A separate method, so that <see cref="Add"/> does not allocate a closure on every call.
    private void CloseSoon(int descriptor, uint generation) =>
        Execute(() => { if (_table[descriptor].Generation == generation) _connections.Close(descriptor); });

    private void Run(FastPathLoop[] others)
    {
        using EpollInstance epoll = _epoll;
        using EventDescriptor wake = _wake;
        foreach (FastPathLoop other in others) other.Start([]);
        while (!_ended)
        {
            int count = epoll.Wait(_connections.RequestsWait ? RetryInterval : TickInterval);
            BeginTurn();
            _scheduling.Add(count);
            for (int i = 0; i < count; i++)
            {
                (ulong key, EpollEvents events) = epoll[i];
                if (key != WakeKey) HandleEvent(key, events);
                else wake.Reset();
            }
            while (_commands.TryDequeue(out Action? command)) command();
            _connections.HandOverWaiting();
            if (_now - _lastTick < TickInterval) continue;
            _lastTick = _now;
            _connections.CloseExpired(_now, _answers.Date);
        }
        BeginTurn();
        _connections.CloseAll();
    }

    private void BeginTurn()
    {
        _now = Environment.TickCount64;
        _answers.BeginTurn();
        for (int descriptor = Interlocked.Exchange(ref _newcomers, None), next; descriptor != None; descriptor = next)
        {
            ref FastPathConnection connection = ref _table[descriptor];
            next = connection.Next;
            if (!connection.IsServed) connection.Place!.Served();
            connection.IsServed = true;
            _connections.Idle(descriptor, _now);
        }
    }

    private void HandleEvent(ulong key, EpollEvents events)
    {
        try
        {
            OnEvents(key, events);
        }
        catch (OutOfMemoryException)
        {
            // End this connection, not the server.
            _connections.Close((int)(uint)key);
        }
    }

    private void OnEvents(ulong key, EpollEvents events)
    {
        int descriptor = (int)(uint)key;
        ref FastPathConnection connection = ref _table[descriptor];
        if (connection.Place is null || connection.Generation != key >> 32) return;
        if (!_connections.IsToRead(descriptor))
        {
            // Its request waits for Kestrel, which will read the rest.
            if ((events & EpollEvents.Error) != 0) _connections.Close(descriptor);
            return;
        }
        bool mayHaveMore = (events & (EpollEvents.PeerClosed | EpollEvents.HangUp | EpollEvents.Error)) != 0;
        do
        {
            // Bytes held from earlier reads come first.
            byte[] held = connection.Held ?? [];
            held.CopyTo(_received, 0);
            nint received = SocketCalls.Receive(descriptor, _received.AsSpan(held.Length));
            if (received <= 0)
            {
                // A non-blocking call is never interrupted.
                if (received < 0 && LibC.LastError == Errno.EAGAIN) return;
                _connections.CloseEnded(descriptor, _answers.Date);
                return;
            }
            if (!Answer(descriptor, ref connection, _received.AsSpan(0, held.Length + (int)received))) return;
            connection.EventsAreLate |= mayHaveMore;
        }
        // All available data fits into the buffer; a connection with more has been handed over.
        while (mayHaveMore);
    }

    // Returns false if nothing more is to be received here.
    private bool Answer(int descriptor, ref FastPathConnection connection, ReadOnlySpan<byte> received)
    {
        WrittenAnswers written = default;
        if (received.Length < ReceivedAtOnce && connection.Listener!.Answers is { } ready)
        {
            written = _answers.Write(ready, _clients.Find(connection.Peer), received, _written, connection.EventsAreLate);
            connection.EventsAreLate = written.Count > 1;
            connection.HadRequest |= written.Count > 0;
        }
        ReadOnlySpan<byte> rest = received[written.Taken..];
        bool closes = written.Closes;
        // If the buffer is full, Kestrel takes over, since it waits for slow readers.
        if (written.Count > 0 && !Send(descriptor, ref connection, _written.AsSpan(0, written.Length), closes, rest)) return false;
        bool isBeginning = !rest.IsEmpty && rest.Length < connection.Listener!.Heads?.MaxHeld && RequestHead.IsBeginning(rest);
        if (closes) _connections.Close(descriptor);
        else if (rest.IsEmpty) _connections.Idle(descriptor, _now);
        else if (isBeginning) _connections.HoldHead(descriptor, rest, _now);
        else _connections.HandOver(descriptor, rest, _now);
        return !closes && (rest.IsEmpty || isBeginning);
    }

    private bool Send(int descriptor, ref FastPathConnection connection, ReadOnlySpan<byte> answers, bool closes, ReadOnlySpan<byte> received)
    {
        // The last bytes are held until the connection is shut down, and leave with the FIN in one segment. Closing alone is not enough: with unread
        // data it sends a reset.
        nint sent = closes ? SocketCalls.SendLast(descriptor, answers) : SocketCalls.Send(descriptor, answers);
        if (sent == answers.Length)
        {
            if (closes) SocketCalls.EndSending(descriptor);
            return true;
        }
        if (sent < 0 && LibC.LastError is not (Errno.EAGAIN or Errno.EINTR))
        {
            _connections.Close(descriptor);
            return false;
        }
        FastPathListener listener = connection.Listener!;
        listener.FinishSending(_connections.Release(descriptor), answers[(int)Math.Max(0, sent)..], closes, received);
        return false;
    }
}
