using Rcomm.Burst.Results;

namespace Rcomm.Cli;

/// <summary>Turns the result of a burst into an exit code.</summary>
internal static class BurstExitCode
{
    /// <param name="summary">The counts of the connections.</param>
    /// <param name="allowed">The share of them that may go unanswered, from 0 to 1.</param>
    public static int Of(BurstSummary summary, double allowed)
    {
        int unanswered = summary.Connections - summary.Count(ConnectionOutcome.Answered);
        return unanswered <= allowed * summary.Connections ? ExitCodes.Fine : ExitCodes.Failed;
    }
}
