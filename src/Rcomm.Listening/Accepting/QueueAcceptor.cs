using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Accepting;

/// <summary>Waits for connections in one listen queue and takes them off it, on the thread of its <see cref="AcceptLoop"/>.</summary>
internal abstract class QueueAcceptor : IDisposable
{
    public static QueueAcceptor For(ListenSocket socket) =>
        OperatingSystem.IsLinux() ? new LinuxAcceptor(socket) : new PortableAcceptor(socket);

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

    /// <summary>True while a connection waits.</summary>
    public abstract bool SomethingWaits();

    /// <summary>Ends every wait, now and from here on. May be called from any thread.</summary>
    public abstract void Wake();

    public abstract void Dispose();
}
