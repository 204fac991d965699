using Rcomm.Shared.Linux;
using Rcomm.Transport.Connections;

namespace Rcomm.Transport.Loop;

/// <summary>A thread that waits for its connections and tells each what it is ready for.</summary>
internal sealed class EventLoop : IDisposable
{
    private const ulong StopKey = ulong.MaxValue;

    /// <summary>
    /// How long a client may have ended its side before the server hears of it while it works on an answer. A client that sends its request
    /// and then ends its side still wants the answer; nothing tells it from one that is gone but the answer itself.
    /// </summary>
    private static readonly TimeSpan HalfClosedGrace = TimeSpan.FromSeconds(1);

    private readonly EpollInstance _epoll = new();
    private readonly EventDescriptor _stop = new();
    private readonly Lock _lock = new();
    private readonly Queue<(EpollConnection Connection, long Due)> _halfClosed = new();
    private readonly Thread _thread;
    private (EpollConnection? Connection, uint Generation)[] _watched = new (EpollConnection?, uint)[1024];

    /// <exception cref="IOException">The process is out of descriptors.</exception>
    public EventLoop(int number)
    {
        Number = number;
        _epoll.Add(_stop, EpollEvents.In, StopKey);
        _thread = new Thread(Run) { IsBackground = true, Name = $"connections {number}" };
        _thread.Start();
    }

    /// <summary>Which it is, from 0.</summary>
    public int Number { get; }

    /// <summary>Watches a connection until <see cref="Remove"/>; returns the key for <see cref="Change"/>.</summary>
    public ulong Add(EpollConnection connection, EpollEvents events)
    {
        int descriptor = (int)connection.Handle.DangerousGetHandle();
        ulong key;
        lock (_lock)
        {
            if (descriptor >= _watched.Length) Array.Resize(ref _watched, Math.Max(descriptor + 1, _watched.Length * 2));
            // A descriptor's number is soon used again: an event of the former one that was under way must not count for this one.
            uint generation = unchecked(_watched[descriptor].Generation + 1);
            _watched[descriptor] = (connection, generation);
            key = ((ulong)generation << 32) | (uint)descriptor;
        }
        _epoll.Add(connection.Handle, events, key);
        return key;
    }

    public void Change(EpollConnection connection, EpollEvents events, ulong key) => _epoll.Modify(connection.Handle, events, key);

    /// <summary>Forgets a connection; to be called before its descriptor is closed.</summary>
    public void Remove(ulong key)
    {
        lock (_lock) _watched[(uint)key].Connection = null;
    }

    /// <summary>Forgets a connection whose descriptor stays open.</summary>
    public void Release(ulong key)
    {
        Remove(key);
        _epoll.Remove((int)(uint)key);
    }

    /// <summary>Ends the thread; the connections stay as they are.</summary>
    public void Dispose()
    {
        _stop.Signal();
        // What was waited for on a connection may have led here, on the loop's own thread; it ends when that is done.
        if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Run()
    {
        using EpollInstance epoll = _epoll;
        using EventDescriptor stop = _stop;
        while (true)
        {
            int count = _epoll.Wait(TimeToNext());
            for (int i = 0; i < count; i++)
            {
                (ulong key, EpollEvents events) = _epoll[i];
                if (key == StopKey) return;
                if (Find(key) is not { } connection) continue;
                try
                {
                    connection.Happened(events);
                }
                catch (OutOfMemoryException)
                {
                    // One connection ends, and not the server.
                    connection.End();
                }
                if (events.HasFlag(EpollEvents.PeerClosed) && !connection.HasEnded)
                    _halfClosed.Enqueue((connection, Environment.TickCount64 + (long)HalfClosedGrace.TotalMilliseconds));
            }
            while (_halfClosed.TryPeek(out var next) && next.Due <= Environment.TickCount64)
            {
                EpollConnection connection = _halfClosed.Dequeue().Connection;
                if (!connection.IsKept) connection.End();
            }
        }
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
