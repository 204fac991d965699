using System.Net.Sockets;

namespace Rcomm.Listening.Accepting;

/// <summary>What one attempt to accept came to.</summary>
internal enum AcceptOutcome
{
    /// <summary>A connection was taken off the queue.</summary>
    Accepted,

    /// <summary>Nothing waits.</summary>
    QueueEmpty,

    /// <summary>The one at the head was gone already, or an interruption: the next attempt may be made at once.</summary>
    TryNext,

    /// <summary>The system lacks descriptors or memory: trying again at once would spin.</summary>
    OutOfResources,

    /// <summary>The socket itself no longer accepts.</summary>
    Broken,
}

/// <summary>The outcome; the connection where there is one, and the system's name of the error where there is one.</summary>
/// <param name="Outcome">What it came to.</param>
/// <param name="Descriptor">The connection's descriptor on Linux.</param>
/// <param name="Peer">Its client's address there.</param>
/// <param name="Socket">The connection elsewhere.</param>
/// <param name="Error">Why there is none.</param>
internal readonly record struct AcceptResult(AcceptOutcome Outcome, int Descriptor = -1, PeerAddress Peer = default, Socket? Socket = null,
    string? Error = null);
