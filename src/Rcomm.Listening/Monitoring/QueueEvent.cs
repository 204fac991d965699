using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Monitoring;

/// <summary>Something about a listen queue that an operator should know at once.</summary>
/// <param name="Queue">The queue's name: its socket's <see cref="ListenSocket.Name"/>.</param>
public abstract record QueueEvent(string Queue)
{
    /// <summary>
    /// True where so many waited that the queue was full for a moment. The accept loop reads the depth before each accept; between the two
    /// more may come than are left when it reads again, so the peak that is read can be a little below the one that was.
    /// </summary>
    public static bool WasFull(int peak, int backlog) => peak > backlog / 2;

    /// <summary>
    /// Handshakes were dropped, after a minute or more without: the first second of it, in which no client tries twice, so that each is a
    /// connection. <paramref name="Backlog"/> is the effective one when the peak was read, <paramref name="BacklogNow"/> what it is now.
    /// </summary>
    public sealed record DropsBegan(string Queue, long Drops, int Peak, int Backlog, int BacklogNow, BacklogAdvice Advice) : QueueEvent(Queue);

    /// <summary>
    /// Handshakes go on being dropped: the last minute of it, in which a client tries several times, and the advice for the worst second
    /// since they began. The numbers are as with <see cref="DropsBegan"/>.
    /// </summary>
    public sealed record DropsGoOn(string Queue, long Drops, int Peak, int Backlog, int BacklogNow, BacklogAdvice Advice) : QueueEvent(Queue);

    /// <summary>
    /// The system lacks descriptors or memory (<paramref name="Error"/> is the name of the errno: <c>EMFILE</c> for this process's
    /// descriptors, <c>ENFILE</c> for the machine's; accept(2)). Connections wait in the queue, and accepting is tried again every 20 ms.
    /// </summary>
    public sealed record AcceptPaused(string Queue, string Error) : QueueEvent(Queue);

    /// <summary>As many connections are open as may be; new ones wait in the queue, or are turned away (<paramref name="TurnsAway"/>).</summary>
    public sealed record LimitReached(string Queue, int Max, bool TurnsAway) : QueueEvent(Queue);

    /// <summary>Accepting works again after such a pause.</summary>
    public sealed record AcceptGoesOn(string Queue, TimeSpan After) : QueueEvent(Queue);

    /// <summary>The socket no longer accepts; its accept loop has ended.</summary>
    public sealed record AcceptBroken(string Queue, string Error) : QueueEvent(Queue);

    /// <summary>Connections wait, and none was accepted (or none of the accepted was served) for a while.</summary>
    public sealed record Stalled(string Queue, int Waiting, TimeSpan For, StallCause Cause) : QueueEvent(Queue);

    /// <summary>A stall is over.</summary>
    public sealed record StallEnded(string Queue, TimeSpan After) : QueueEvent(Queue);

    /// <summary>The queue was more than half full, or full, and its backlog, being <see cref="Backlog.Auto"/>, was doubled.</summary>
    public sealed record BacklogGrew(string Queue, int Before, string Backlog) : QueueEvent(Queue);

    /// <summary>The kernel's cap was raised, and the requested backlog asked for again.</summary>
    public sealed record BacklogRaised(string Queue, int Before, string Backlog) : QueueEvent(Queue);
}

/// <summary>Why nothing was accepted.</summary>
public enum StallCause
{
    /// <summary>Nobody knows.</summary>
    Unknown,

    /// <summary>The system lacks descriptors or memory.</summary>
    OutOfResources,

    /// <summary>As many connections are open as may be (<see cref="ConnectionLimit"/>).</summary>
    ConnectionLimit,

    /// <summary>The whole process stood still: stopped by a signal, frozen by a container, or starved of processor time.</summary>
    ProcessPaused,

    /// <summary>Connections were accepted, and no thread of the pool was free to serve them.</summary>
    ThreadPoolStarved,

    /// <summary>The accept loop has ended with an error.</summary>
    Broken,

    /// <summary>Connections were accepted, and the processors are busy with others.</summary>
    ProcessorsBusy,
}
