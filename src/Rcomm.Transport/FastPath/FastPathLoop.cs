using System.Collections.Concurrent;
using Rcomm.Listening.Accepting;
using Rcomm.Shared.Linux;

namespace Rcomm.Transport.FastPath;

/// <summary>
/// A thread that answers plain requests from memory. A turn of it:
/// 1. wait for events; 2. list connections that are new; 3. for each event receive once; 4. for each request that was received: read it, find its answer, write it into the
/// buffer; 5. send the buffer in one call; 6. hand what has no ready answer over to Kestrel, with the bytes that were received; 7. once a second close what was idle too long.
/// </summary>
internal sealed class FastPathLoop : IDisposable
{
    private const EpollEvents Watched = EpollEvents.In | EpollEvents.PeerClosed | EpollEvents.EdgeTriggered;
    private const ulong WakeKey = ulong.MaxValue;
    private const int None = -1;
    private const int ReceivedAtOnce = 16 << 10;
    private const int TickInterval = 1000;
    // In milliseconds. A client that was just answered is often about to ask again; one that has sent nothing yet may be slow.
    private const int MinIdleTime = 100;
    private const int MinSilentTime = 10_000;

    private readonly ConnectionTable _table;
    private readonly EpollInstance _epoll = new();
    private readonly EventDescriptor _wake = new();
    private readonly IdleList _idle;
    private readonly AnswerWriter _answers;
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly Thread _thread;
    private readonly byte[] _received = new byte[ReceivedAtOnce];
    private int _newcomers = None;
    private long _now = Environment.TickCount64;
    private long _lastTick;
    private volatile bool _ended;

    public FastPathLoop(int number, ConnectionTable table)
    {
        _table = table;
        _answers = new AnswerWriter(number);
        _idle = new IdleList(table);
        _epoll.Add(_wake, EpollEvents.In, WakeKey);
        _thread = new Thread(Run) { IsBackground = true, Name = $"fast path {number}" };
        FastPathMetrics.Add(this);
        _thread.Start();
    }

    /// <summary>Requests that were answered, connections that were handed over to Kestrel, and connections that are here now.</summary>
    public long Answered => _answers.Count;

    public long HandedOver { get; private set; }

    public int Connections => _idle.Count;

    /// <summary>Takes a connection; from any thread. It wakes the loop's only when there is something to read.</summary>
    public void Add(int descriptor, in PeerAddress peer, OpenConnections place, FastPathListener listener, bool isServed)
    {
        ref FastPathConnection connection = ref _table.Reserve(descriptor);
        uint generation = unchecked(connection.Generation + 1);
        connection = new FastPathConnection { Generation = generation, Peer = peer, Listener = listener, Place = place, IsServed = isServed, HadRequest = isServed, LastUse = Environment.TickCount64 };
        do connection.Next = Volatile.Read(ref _newcomers);
        while (Interlocked.CompareExchange(ref _newcomers, descriptor, connection.Next) != connection.Next);
        if (!_epoll.TryAdd(descriptor, Watched, KeyOf(descriptor, generation))) CloseSoon(descriptor);
    }

    /// <summary>Closes the idle connections of a listener.</summary>
    public void CloseIdle(FastPathListener listener) => Execute(() =>
    {
        for (int descriptor = _idle.First, next; descriptor != None; descriptor = next)
        {
            next = _table[descriptor].Next;
            if (_table[descriptor].Listener == listener) Close(descriptor);
        }
    });

    /// <summary>Closes connections that are idle longest, to make room for new ones; how many it were.</summary>
    /// <param name="max">The most to close.</param>
    public Task<int> CloseLongestIdleAsync(int max)
    {
        var closed = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Execute(() => closed.SetResult(CloseLongestIdle(max)));
        return closed.Task;
    }

    public void Dispose()
    {
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

    // A method of its own: one that has a lambda makes an object for it whenever it is called.
    private void CloseSoon(int descriptor) => Execute(() => Close(descriptor));

    private void Run()
    {
        using EpollInstance epoll = _epoll;
        using EventDescriptor wake = _wake;
        while (!_ended)
        {
            int count = epoll.Wait(TickInterval);
            BeginTurn();
            for (int i = 0; i < count; i++)
            {
                (ulong key, EpollEvents events) = epoll[i];
                if (key != WakeKey) Happened(key, events);
                else wake.Reset();
            }
            while (_commands.TryDequeue(out Action? command)) command();
            if (_now - _lastTick >= TickInterval) Tick();
        }
        BeginTurn();
        while (_idle.First != None) Close(_idle.First);
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
            _idle.Touch(descriptor, _now);
        }
    }

    private void Tick()
    {
        _lastTick = _now;
        while (_idle.First is not None and int first && _now - _table[first].LastUse >= _table[first].Listener!.IdleTimeout) Close(first);
    }

    private int CloseLongestIdle(int max)
    {
        int closed = 0;
        for (int descriptor = _idle.First, next; descriptor != None && closed < max; descriptor = next)
        {
            ref FastPathConnection connection = ref _table[descriptor];
            next = connection.Next;
            long idle = _now - connection.LastUse;
            if (idle < MinIdleTime) break;
            if (!connection.HadRequest && idle < MinSilentTime) continue;
            Close(descriptor);
            closed++;
        }
        return closed;
    }

    private void Happened(ulong key, EpollEvents events)
    {
        int descriptor = (int)(uint)key;
        ref FastPathConnection connection = ref _table[descriptor];
        if (connection.Place is null || connection.Generation != key >> 32) return;
        bool mayHaveMore = (events & (EpollEvents.PeerClosed | EpollEvents.HangUp | EpollEvents.Error)) != 0;
        do
        {
            nint received = SocketCalls.Receive(descriptor, _received);
            if (received <= 0)
            {
                // A call that never waits is not interrupted either.
                if (received == 0 || LibC.LastError != Errno.EAGAIN) Close(descriptor);
                return;
            }
            if (!Answer(descriptor, ref connection, _received.AsSpan(0, (int)received))) return;
            connection.EventsAreLate |= mayHaveMore;
        }
        // All that was there fits into the buffer; a connection with more is no longer here.
        while (mayHaveMore);
    }

    // False where the connection is no longer here.
    private bool Answer(int descriptor, ref FastPathConnection connection, ReadOnlySpan<byte> received)
    {
        ReadOnlySpan<byte> answers = default, rest = received;
        bool closes = false;
        if (received.Length < ReceivedAtOnce && connection.Listener!.Answers is { } ready) answers = _answers.Write(ready, ref connection, ref rest, out closes);
        if (!answers.IsEmpty && !Send(descriptor, ref connection, answers, closes, rest)) return false;
        if (!rest.IsEmpty) HandOver(descriptor, rest);
        else if (closes) Close(descriptor);
        else _idle.Touch(descriptor, _now);
        return rest.IsEmpty && !closes;
    }

    private bool Send(int descriptor, ref FastPathConnection connection, ReadOnlySpan<byte> answers, bool closes, ReadOnlySpan<byte> received)
    {
        // The last bytes wait for the end of the connection, and leave with it in one segment. Its close alone would not do: where something is unread, that is a reset.
        nint sent = closes ? SocketCalls.SendLast(descriptor, answers) : SocketCalls.Send(descriptor, answers);
        if (sent == answers.Length)
        {
            if (closes) SocketCalls.EndSending(descriptor);
            return true;
        }
        if (sent < 0 && LibC.LastError is not (Errno.EAGAIN or Errno.EINTR))
        {
            Close(descriptor);
            return false;
        }
        FastPathListener listener = connection.Listener!;
        listener.FinishSending(Release(descriptor), answers[(int)Math.Max(0, sent)..], closes, received);
        return false;
    }

    private void HandOver(int descriptor, ReadOnlySpan<byte> received)
    {
        HandedOver++;
        FastPathListener listener = _table[descriptor].Listener!;
        listener.HandOver(Release(descriptor), received);
    }

    // From here on the connection is somebody else's.
    private AcceptedConnection Release(int descriptor)
    {
        ref FastPathConnection connection = ref _table[descriptor];
        _epoll.Remove(descriptor);
        _idle.Remove(descriptor);
        OpenConnections place = connection.Place!;
        (connection.Place, connection.Listener) = (null, null);
        place.NotServed();
        return new AcceptedConnection(descriptor, connection.Peer, place);
    }

    private void Close(int descriptor)
    {
        ref FastPathConnection connection = ref _table[descriptor];
        if (connection.Place is not { } place) return;
        _idle.Remove(descriptor);
        (connection.Place, connection.Listener) = (null, null);
        // The number is used again as soon as it is free.
        _ = LibC.Close(descriptor);
        place.Leave();
    }
}
