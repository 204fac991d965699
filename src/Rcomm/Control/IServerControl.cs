using Rcomm.Listening.Handover;

namespace Rcomm.Control;

/// <summary>What the control socket can ask of the server.</summary>
internal interface IServerControl
{
    /// <summary>Hands the listening sockets over to another process.</summary>
    HandoverServer Handover { get; }

    /// <summary>Does what a message asks, and answers it.</summary>
    ControlMessage Do(ControlMessage asked);

    /// <summary>Asks the server to stop without losing anyone; false where it has been asked before.</summary>
    bool Stop(string reason, bool takenOver = false);
}
