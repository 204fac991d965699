namespace Rcomm.Listening;

/// <summary>Something about a listen queue that an operator should know at once.</summary>
/// <param name="Address">The queue's address.</param>
public abstract record QueueEvent(ListenAddress Address)
{
    /// <summary>Handshakes were dropped, after a minute or more without: the first second of it.</summary>
    public sealed record DropsBegan(ListenAddress Address, long Drops, int Peak, int Backlog, BacklogAdvice Advice) : QueueEvent(Address);

    /// <summary>Handshakes go on being dropped: the last minute of it, and the advice for its worst second.</summary>
    public sealed record DropsGoOn(ListenAddress Address, long Drops, int Peak, int Backlog, BacklogAdvice Advice) : QueueEvent(Address);

    /// <summary>
    /// The system lacks descriptors or memory (<paramref name="Error"/> is the name of the errno: <c>EMFILE</c> for this process's
    /// descriptors, <c>ENFILE</c> for the machine's; accept(2)). Connections wait in the queue, and accepting is tried again every 20 ms.
    /// </summary>
    public sealed record AcceptPaused(ListenAddress Address, string Error) : QueueEvent(Address);

    /// <summary>Accepting works again after such a pause.</summary>
    public sealed record AcceptGoesOn(ListenAddress Address, TimeSpan After) : QueueEvent(Address);

    /// <summary>The socket no longer accepts; its accept loop has ended.</summary>
    public sealed record AcceptBroken(ListenAddress Address, string Error) : QueueEvent(Address);

    /// <summary>Connections wait, and none was accepted (or none of the accepted was taken over) for a while.</summary>
    public sealed record Stalled(ListenAddress Address, int Waiting, TimeSpan For, StallCause Cause) : QueueEvent(Address);

    /// <summary>A stall is over.</summary>
    public sealed record StallEnded(ListenAddress Address, TimeSpan After) : QueueEvent(Address);

    /// <summary>The queue was nearly full, and its backlog, being <see cref="Backlog.Auto"/>, was doubled.</summary>
    public sealed record BacklogGrew(ListenAddress Address, int Before, string Backlog) : QueueEvent(Address);

    /// <summary>The kernel's cap was raised, and the requested backlog asked for again.</summary>
    public sealed record BacklogRaised(ListenAddress Address, int Before, string Backlog) : QueueEvent(Address);
}

/// <summary>Why nothing was accepted.</summary>
public enum StallCause
{
    /// <summary>Nobody knows.</summary>
    Unknown,

    /// <summary>The system lacks descriptors or memory.</summary>
    OutOfResources,

    /// <summary>The whole process stood still: stopped by a signal, frozen by a container, or starved of processor time.</summary>
    ProcessPaused,

    /// <summary>Connections were accepted, and no thread of the pool was free to serve them.</summary>
    ThreadPoolStarved,

    /// <summary>The accept loop has ended with an error.</summary>
    Broken,
}
