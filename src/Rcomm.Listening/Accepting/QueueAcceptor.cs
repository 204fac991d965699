using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Accepting;

/// <summary>Waits for and accepts the connections of one listen queue, on the thread of its <see cref="AcceptLoop"/>.</summary>
internal abstract class QueueAcceptor : IDisposable
{
    /// <summary>Creates the acceptor for a socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="method">How to accept, if this system supports it.</param>
    /// <param name="limit">Limits the open connections; null for no limit.</param>
    public static QueueAcceptor For(ListenSocket socket, AcceptMethod method, ConnectionLimit? limit)
    {
        if (!OperatingSystem.IsLinux()) return new PortableAcceptor(socket);
        bool usesIoUring = !socket.Address.IsUnix && AcceptMethods.Resolve(method) == AcceptMethod.IoUring;
        return (usesIoUring ? IoUringAcceptor.TryCreate(socket, limit) : null) ?? (QueueAcceptor)new LinuxAcceptor(socket);
    }

    /// <summary>
    /// How many connections the kernel has accepted that <see cref="Accept"/> will return, each with a place in the limit. Null while it doesn't
    /// accept ahead.
    /// </summary>
    public virtual int? Ahead => null;

    /// <summary>Returns the same for any thread, and how many more the kernel may accept.</summary>
    public virtual AheadReading ReadAhead() => default;

    /// <summary>Prepares the acceptor. Called once, on the loop's thread, before anything else.</summary>
    public virtual void Start()
    {
    }

    /// <summary>Waits until a connection waits or <see cref="Wake"/> is called.</summary>
    public abstract void WaitForConnection();

    /// <summary>Waits for the time, or until <see cref="Wake"/> is called; waiting connections don't end it.</summary>
    public abstract void Backoff(TimeSpan time);

    /// <summary>Accepts the first connection in the queue. Never blocks.</summary>
    public abstract AcceptResult Accept();

    /// <summary>Stops the kernel from accepting ahead. Connections already accepted can still be taken.</summary>
    public virtual void StopAhead()
    {
    }

    /// <summary>Returns true while a connection waits.</summary>
    public abstract bool HasWaiting();

    /// <summary>Ends the current wait and every later one. Can be called on any thread.</summary>
    public abstract void Wake();

    public abstract void Dispose();
}

/// <summary>Connections that the kernel accepts ahead of an accept loop.</summary>
/// <param name="Waiting">Connections that it has accepted and the loop has not taken.</param>
/// <param name="Room">How many more it may accept; 0 while it doesn't accept ahead.</param>
internal readonly record struct AheadReading(int Waiting, int Room);
