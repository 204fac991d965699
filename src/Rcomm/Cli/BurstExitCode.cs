using Rcomm.Burst.Results;

namespace Rcomm.Cli;

/// <summary>Whether a burst went well enough, as an exit code.</summary>
internal static class BurstExitCode
{
    /// <param name="summary">What became of the connections.</param>
    /// <param name="allowed">The share of them that may stay unanswered, from 0 to 1.</param>
    public static int Of(BurstSummary summary, double allowed)
    {
        int unanswered = summary.Connections - summary.Count(ConnectionOutcome.Answered);
        return unanswered <= allowed * summary.Connections ? ExitCodes.Fine : ExitCodes.Failed;
    }
}
