using System.Diagnostics;

namespace Rcomm.Burst.Engine;

/// <summary>Microseconds since the run began.</summary>
internal readonly struct Clock(long startTimestamp)
{
    private static readonly double MicrosecondsPerTick = 1_000_000.0 / Stopwatch.Frequency;

    public long Now => (long)((Stopwatch.GetTimestamp() - startTimestamp) * MicrosecondsPerTick);
}
