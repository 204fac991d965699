using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>Short names of outcomes, for tables and charts.</summary>
internal static class OutcomeLabel
{
    public static string Of(ConnectionOutcome outcome) => outcome switch
    {
        ConnectionOutcome.Answered => "answered",
        ConnectionOutcome.Unfinished => "unfinished when stopped",
        ConnectionOutcome.WrongStatus => "unexpected status",
        ConnectionOutcome.BadAnswer => "answer invalid or cut short",
        ConnectionOutcome.ClosedWithoutAnswer => "closed without an answer",
        ConnectionOutcome.Refused => "refused",
        ConnectionOutcome.Reset => "reset",
        ConnectionOutcome.TimedOutConnecting => "never connected",
        ConnectionOutcome.TimedOutHandshake => "TLS handshake timed out",
        ConnectionOutcome.HandshakeFailed => "TLS handshake failed",
        ConnectionOutcome.TimedOutWaiting => "connected, no response",
        ConnectionOutcome.Unreachable => "host unreachable",
        ConnectionOutcome.QueueFull => "rejected by a full queue",
        _ => outcome.ToString(),
    };
}
