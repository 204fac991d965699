using Rcomm.Shared.Linux;
using Rcomm.Transport.Loop;

namespace Rcomm.Transport.Connections;

/// <summary>
/// The registration of a connection with its event loop. It is made on first use: a client that sends one request and gets its response without a wait
/// costs no epoll call and no wake-up.
/// </summary>
internal sealed class EventWatch(EpollConnection connection, EventLoop loop)
{
    private readonly Lock _lock = new();
    private EpollEvents _events;
    private ulong _key;

    /// <summary>Where the first bytes were awaited. The descriptor stays registered there until it is here, or is closed.</summary>
    public EpollInstance? Former { get; set; }

    /// <summary>Watches for more events.</summary>
    /// <param name="events">The events; those watched before are among them.</param>
    /// <param name="isRepeated">True for another report of the events that have been reported and still hold.</param>
    /// <exception cref="ErrnoException">The kernel is out of memory, or the user's <c>max_user_watches</c> are exhausted.</exception>
    public void Add(EpollEvents events, bool isRepeated = false)
    {
        // Events are only ever added, so this check needs no lock.
        if ((_events & events) == events && !isRepeated) return;
        lock (_lock)
        {
            if ((_events & events) == events && !isRepeated) return;
            if (_events == EpollEvents.None)
            {
                LeaveFormer();
                _key = loop.Add(connection, events);
            }
            else
            {
                loop.Change(connection, events, _key);
            }
            _events = events;
        }
    }

    /// <summary>Ends the registration of a descriptor that stays open.</summary>
    public void Release()
    {
        LeaveFormer();
        if (_events != EpollEvents.None) loop.Release(_key);
    }

    /// <summary>Ends the registration of a descriptor that is about to be closed.</summary>
    public void Remove()
    {
        if (_events != EpollEvents.None) loop.Remove(_key);
    }

    private void LeaveFormer()
    {
        Former?.Remove((int)connection.Handle.DangerousGetHandle());
        Former = null;
    }
}
