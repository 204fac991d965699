using Rcomm.Burst.Results;

namespace Rcomm.BurstReports;

/// <summary>A short name for each outcome, where a sentence has no room.</summary>
internal static class OutcomeName
{
    public static string Of(ConnectionOutcome outcome) => outcome switch
    {
        ConnectionOutcome.Answered => "answered",
        ConnectionOutcome.Unfinished => "unfinished when stopped",
        ConnectionOutcome.WrongStatus => "answered with an error",
        ConnectionOutcome.BadAnswer => "answer broken or cut short",
        ConnectionOutcome.ClosedWithoutAnswer => "closed without an answer",
        ConnectionOutcome.Refused => "refused",
        ConnectionOutcome.Reset => "reset",
        ConnectionOutcome.TimedOutConnecting => "never got in",
        ConnectionOutcome.TimedOutWaiting => "got in, never answered",
        ConnectionOutcome.Unreachable => "host unreachable",
        ConnectionOutcome.QueueFull => "turned away by a full queue",
        _ => outcome.ToString(),
    };
}
