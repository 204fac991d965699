using System.Collections.Concurrent;
using Rcomm.Shared.Linux;
using Rcomm.Transport.Connections;

namespace Rcomm.Transport.Loop;

/// <summary>A thread that waits for events on its connections and passes them on.</summary>
internal sealed class EventLoop : IDisposable
{
    private const ulong WakeKey = ulong.MaxValue;

    /// <summary>
    /// How long a half-closed connection is kept while its request is being answered. Some clients close their side after the request and still want
    /// the answer. They can't be told apart from clients that are gone.
    /// </summary>
    private static readonly TimeSpan HalfClosedGrace = TimeSpan.FromSeconds(1);

    private readonly EpollInstance _epoll = new();
    private readonly EventDescriptor _wake = new();
    private readonly ConcurrentQueue<Action> _toStart = new();
    private volatile bool _ended;
    private readonly Lock _lock = new();
    private readonly Queue<(EpollConnection Connection, long Due)> _halfClosed = new();
    private readonly List<(EpollConnection Connection, EpollEvents Events)> _active = [];
    private readonly TurnScheduling _scheduling = new();
    private readonly Thread _thread;
    private (EpollConnection? Connection, uint Generation)[] _watched = new (EpollConnection?, uint)[1024];

    /// <exception cref="IOException">The process is out of descriptors.</exception>
    public EventLoop(int number)
    {
        Number = number;
        _epoll.Add(_wake, EpollEvents.In, WakeKey);
        _thread = new Thread(others => Run((EventLoop[])others!)) { IsBackground = true, Name = $"connections {number}" };
    }

    /// <summary>The loop's number, from 0.</summary>
    public int Number { get; }

    /// <summary>Watches a connection until <see cref="Remove"/>. Returns the key for <see cref="Change"/>.</summary>
    public ulong Add(EpollConnection connection, EpollEvents events)
    {
        int descriptor = (int)connection.Handle.DangerousGetHandle();
        ulong key;
        lock (_lock)
        {
            if (descriptor >= _watched.Length) Array.Resize(ref _watched, Math.Max(descriptor + 1, _watched.Length * 2));
            // The kernel soon reuses descriptor numbers. The generation keeps a pending event of the former connection from being applied to this
            // one.
            uint generation = unchecked(_watched[descriptor].Generation + 1);
            _watched[descriptor] = (connection, generation);
            key = ((ulong)generation << 32) | (uint)descriptor;
        }
        _epoll.Add(connection.Handle, events, key);
        return key;
    }

    public void Change(EpollConnection connection, EpollEvents events, ulong key) => _epoll.Modify(connection.Handle, events, key);

    /// <summary>Stops watching a connection. Call it before its descriptor is closed.</summary>
    public void Remove(ulong key)
    {
        lock (_lock) _watched[(uint)key].Connection = null;
    }

    /// <summary>Stops watching a connection whose descriptor stays open.</summary>
    public void Release(ulong key)
    {
        Remove(key);
        _epoll.Remove((int)(uint)key);
    }

    /// <summary>Starts this loop, which starts the others: the start of a thread waits until the thread runs.</summary>
    public void Start(EventLoop[] others) => _thread.Start(others);

    /// <summary>Starts work on the loop's thread.</summary>
    public Task RunAsync(Func<Task> work)
    {
        var started = new TaskCompletionSource<Task>();
        _toStart.Enqueue(() => started.SetResult(StartAsync()));
        _wake.Signal();
        return started.Task.Unwrap();

        // Whatever it throws belongs to the caller, not to the loop.
        async Task StartAsync() => await work();
    }

    /// <summary>Stops the thread. The connections are left as they are. The loop that starts the others must be the first.</summary>
    public void Dispose()
    {
        _ended = true;
        _wake.Signal();
        // A continuation may call this on the loop's own thread, which then ends when the continuation returns.
        if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Run(EventLoop[] others)
    {
        using EpollInstance epoll = _epoll;
        using EventDescriptor wake = _wake;
        foreach (EventLoop other in others) other.Start([]);
        while (!_ended)
        {
            Receive(_epoll.Wait(TimeToNext()));
            Continue();
            while (_toStart.TryDequeue(out Action? start)) start();
            while (_halfClosed.TryPeek(out var next) && next.Due <= Environment.TickCount64)
            {
                EpollConnection connection = _halfClosed.Dequeue().Connection;
                if (!connection.IsKept) connection.End();
            }
        }
    }

    // Everything is received before anything is handled, so that requests can share what is looked up for them (see IReceivedFeature).
    private void Receive(int count)
    {
        _scheduling.Add(count);
        for (int i = 0; i < count; i++)
        {
            (ulong key, EpollEvents events) = _epoll[i];
            if (key == WakeKey) _wake.Reset();
            if (key == WakeKey || Find(key) is not { } connection) continue;
            _active.Add((connection, events));
            try
            {
                connection.OnEvents(events);
            }
            catch (OutOfMemoryException)
            {
                // End this connection, not the server.
                connection.End();
            }
        }
    }

    private void Continue()
    {
        foreach ((EpollConnection connection, EpollEvents events) in _active)
        {
            try
            {
                connection.Continue();
            }
            catch (OutOfMemoryException)
            {
                connection.End();
            }
            if (events.HasFlag(EpollEvents.PeerClosed) && !connection.HasEnded)
                _halfClosed.Enqueue((connection, Environment.TickCount64 + (long)HalfClosedGrace.TotalMilliseconds));
        }
        _active.Clear();
    }

    private int TimeToNext() => _halfClosed.TryPeek(out var next) ? (int)Math.Max(0, next.Due - Environment.TickCount64) : -1;

    private EpollConnection? Find(ulong key)
    {
        lock (_lock)
        {
            (EpollConnection? connection, uint generation) = _watched[(uint)key];
            return generation == key >> 32 ? connection : null;
        }
    }
}
