namespace Rcomm.Kestrel;

/// <summary>How the connections that were accepted are read and written.</summary>
public enum ConnectionTransport
{
    /// <summary>Kestrel's own sockets: every system, and every request on the thread pool.</summary>
    Sockets,

    /// <summary>
    /// epoll(7) and the kernel's own calls, without .NET's sockets: less work and less memory for a connection. Requests run on the thread
    /// pool. Linux only; elsewhere it is <see cref="Sockets"/>.
    /// </summary>
    Epoll,

    /// <summary>
    /// As <see cref="Epoll"/>, and what a request begins with runs on the thread that has read it, without a thread-pool thread between.
    /// Only for an application whose handlers never block before their first real wait: one that blocks holds up a share of all
    /// connections.
    /// </summary>
    EpollInline,
}
