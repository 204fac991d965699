using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Monitoring;

/// <summary>An event of a listen queue that an operator should know of immediately.</summary>
/// <param name="Queue">The queue's name: <see cref="ListenSocket.Name"/> of its socket.</param>
public abstract record QueueEvent(string Queue)
{
    /// <summary>
    /// Returns true if the peak shows that the queue was full for a moment. The accept loop reads the depth before each accept. More connections may
    /// arrive in between than are left at the next reading, so the observed peak can be below the true one.
    /// </summary>
    public static bool WasFull(int peak, int backlog) => peak > backlog / 2;

    /// <summary>
    /// Handshakes were dropped after at least a minute without drops. Covers the first second, in which no client retries, so that each drop is a
    /// connection. <paramref name="Backlog"/> is the effective one when the peak was read, <paramref name="BacklogNow"/> the current one.
    /// </summary>
    public sealed record DropsStarted(string Queue, long Drops, int Peak, int Backlog, int BacklogNow, BacklogAdvice Advice) : QueueEvent(Queue);

    /// <summary>
    /// Handshakes are still being dropped. Covers the last minute, in which a client may retry several times, with the advice for the worst second
    /// since the drops began. The numbers are as in <see cref="DropsStarted"/>.
    /// </summary>
    public sealed record DropsContinue(string Queue, long Drops, int Peak, int Backlog, int BacklogNow, BacklogAdvice Advice) : QueueEvent(Queue);

    /// <summary>
    /// The system lacks descriptors or memory (<paramref name="Error"/> is the errno's name: <c>EMFILE</c> for this process's descriptors,
    /// <c>ENFILE</c> for the machine's; accept(2)). Connections wait in the queue, and the loop retries every 20 ms.
    /// </summary>
    public sealed record AcceptPaused(string Queue, string Error) : QueueEvent(Queue);

    /// <summary>The connection limit is reached. New connections wait in the queue, or are turned away (<paramref name="TurnsAway"/>).</summary>
    public sealed record LimitReached(string Queue, int Max, bool TurnsAway) : QueueEvent(Queue);

    /// <summary>Accepting works again after such a pause.</summary>
    public sealed record AcceptResumed(string Queue, TimeSpan After) : QueueEvent(Queue);

    /// <summary>The socket no longer accepts; its accept loop has ended.</summary>
    public sealed record AcceptBroken(string Queue, string Error) : QueueEvent(Queue);

    /// <summary>Connections wait, and none was accepted, or no accepted one was served, for some time.</summary>
    public sealed record Stalled(string Queue, int Waiting, TimeSpan For, StallCause Cause) : QueueEvent(Queue);

    /// <summary>A stall is over.</summary>
    public sealed record StallEnded(string Queue, TimeSpan After) : QueueEvent(Queue);

    /// <summary>The queue was more than half full or dropped handshakes, and its backlog, which is <see cref="Backlog.Auto"/>, was doubled.</summary>
    public sealed record BacklogGrew(string Queue, int Before, string Backlog) : QueueEvent(Queue);

    /// <summary>The kernel's cap was raised, and the requested backlog was requested again.</summary>
    public sealed record BacklogRaised(string Queue, int Before, string Backlog) : QueueEvent(Queue);
}

/// <summary>Specifies why nothing was accepted.</summary>
public enum StallCause
{
    /// <summary>The cause is unknown.</summary>
    Unknown,

    /// <summary>The system lacks descriptors or memory.</summary>
    OutOfResources,

    /// <summary>The connection limit is reached (<see cref="ConnectionLimit"/>).</summary>
    ConnectionLimit,

    /// <summary>The whole process was paused: stopped by a signal, frozen by a container, or starved of processor time.</summary>
    ProcessPaused,

    /// <summary>Connections were accepted, but no thread-pool thread was free to serve them.</summary>
    ThreadPoolStarved,

    /// <summary>The accept loop has ended with an error.</summary>
    Broken,

    /// <summary>Connections were accepted, but the processors are busy with others.</summary>
    ProcessorsBusy,
}
