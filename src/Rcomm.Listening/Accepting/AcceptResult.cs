using System.Net.Sockets;

namespace Rcomm.Listening.Accepting;

/// <summary>The outcome of one attempt to accept.</summary>
internal enum AcceptOutcome
{
    /// <summary>A connection was accepted.</summary>
    Accepted,

    /// <summary>No connection waits.</summary>
    QueueEmpty,

    /// <summary>The connection was already gone, or the call was interrupted: try again immediately.</summary>
    TryNext,

    /// <summary>The system lacks descriptors or memory: trying again immediately would spin.</summary>
    OutOfResources,

    /// <summary>The socket no longer accepts.</summary>
    Broken,
}

/// <summary>The result of one attempt: the outcome, with the connection or the system's name of the error, if any.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Descriptor">The connection's descriptor, on Linux.</param>
/// <param name="Peer">The client's address, on Linux.</param>
/// <param name="Socket">The connection, on other systems.</param>
/// <param name="Error">The name of the error.</param>
internal readonly record struct AcceptResult(AcceptOutcome Outcome, int Descriptor = -1, PeerAddress Peer = default, Socket? Socket = null,
    string? Error = null);
