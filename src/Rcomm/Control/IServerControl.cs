using Rcomm.Listening.Handover;

namespace Rcomm.Control;

/// <summary>The operations of the server that are available through the control socket.</summary>
internal interface IServerControl
{
    /// <summary>Hands the listening sockets over to another process.</summary>
    HandoverServer Handover { get; }

    /// <summary>Executes a request, and returns the reply.</summary>
    ControlMessage Execute(ControlMessage asked);

    /// <summary>Requests a graceful stop. Returns false if a stop was already requested.</summary>
    bool Stop(string reason, bool takenOver = false);
}
