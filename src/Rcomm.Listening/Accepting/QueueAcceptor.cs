using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Accepting;

/// <summary>Waits for connections in one listen queue and takes them off it, on the thread of its <see cref="AcceptLoop"/>.</summary>
internal abstract class QueueAcceptor : IDisposable
{
    /// <summary>The one for a socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="method">How to accept, where this system can.</param>
    /// <param name="limit">What bounds the open connections; null for nothing.</param>
    public static QueueAcceptor For(ListenSocket socket, AcceptMethod method, ConnectionLimit? limit)
    {
        if (!OperatingSystem.IsLinux()) return new PortableAcceptor(socket);
        bool usesIoUring = !socket.Address.IsUnix && AcceptMethods.Resolve(method) == AcceptMethod.IoUring;
        return (usesIoUring ? IoUringAcceptor.TryCreate(socket, limit) : null) ?? (QueueAcceptor)new LinuxAcceptor(socket);
    }

    /// <summary>
    /// How many connections the kernel has accepted that <see cref="Accept"/> will return, each with a place in the limit; null while it does not accept
    /// on its own.
    /// </summary>
    public virtual int? Ahead => null;

    /// <summary>The same for any thread, and how many more the kernel may accept.</summary>
    public virtual AheadReading ReadAhead() => default;

    /// <summary>Called once, on the loop's thread, before anything else.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>Returns when a connection waits, or <see cref="Wake"/> was called.</summary>
    public abstract void WaitForConnection();

    /// <summary>Returns after the time, or at once when <see cref="Wake"/> was called; waiting connections do not end it.</summary>
    public abstract void Rest(TimeSpan time);

    /// <summary>Takes the first connection off the queue; never waits.</summary>
    public abstract AcceptResult Accept();

    /// <summary>The kernel accepts none on its own from here on; those that it has accepted are there to be taken.</summary>
    public virtual void EndAhead()
    {
    }

    /// <summary>True while a connection waits.</summary>
    public abstract bool SomethingWaits();

    /// <summary>Ends every wait, now and from here on. May be called from any thread.</summary>
    public abstract void Wake();

    public abstract void Dispose();
}

/// <summary>What the kernel accepts ahead of an accept loop.</summary>
/// <param name="Waiting">Connections that it has accepted and the loop has not taken.</param>
/// <param name="Room">How many more it may accept; 0 while it does not accept on its own.</param>
internal readonly record struct AheadReading(int Waiting, int Room);
