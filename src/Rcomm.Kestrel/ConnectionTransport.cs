namespace Rcomm.Kestrel;

/// <summary>Specifies how accepted connections are read and written.</summary>
public enum ConnectionTransport
{
    /// <summary>Kestrel's own sockets: on every system, with every request on the thread pool.</summary>
    Sockets,

    /// <summary>
    /// epoll(7) and direct system calls, without .NET's sockets: less work and memory for each connection. Requests run on the thread pool. Linux
    /// only; elsewhere the same as <see cref="Sockets"/>.
    /// </summary>
    Epoll,

    /// <summary>
    /// As <see cref="Epoll"/>, but a request starts on the thread that has read it, without a thread switch. Only for applications whose handlers
    /// never block before their first await: a handler that blocks delays a share of all connections.
    /// </summary>
    EpollInline,
}
