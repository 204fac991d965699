namespace Rcomm.Burst;

/// <summary>When each connection is meant to open. The schedule is kept whatever the server does, and latencies count from it.</summary>
public sealed record BurstSchedule
{
    /// <summary>The longest time a round may take to open its connections.</summary>
    public static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(10);

    private BurstSchedule()
    {
    }

    /// <summary>All in the same instant.</summary>
    public static BurstSchedule AtOnce { get; } = new();

    /// <summary>The time over which the connections are spread evenly; null for another schedule.</summary>
    public TimeSpan? Time { get; private init; }

    /// <summary>Connections opened each second; null for another schedule.</summary>
    public double? PerSecond { get; private init; }

    /// <summary>Spread evenly over a time: the first at its start, the last just before its end.</summary>
    /// <exception cref="BurstException">The time is not above zero, or above <see cref="LongestRound"/>.</exception>
    public static BurstSchedule Ramp(TimeSpan time) => time > TimeSpan.Zero && time <= LongestRound
        ? new() { Time = time }
        : throw new BurstException(BurstFailure.BadPlan, "a ramp takes a time above zero and at most 10 minutes, like 200ms");

    /// <summary>So many each second.</summary>
    /// <exception cref="BurstException">The rate is not from 0.1 to 1,000,000.</exception>
    public static BurstSchedule Rate(double perSecond) => perSecond is >= 0.1 and <= 1_000_000
        ? new() { PerSecond = perSecond }
        : throw new BurstException(BurstFailure.BadPlan, "a rate is a number of connections each second from 0.1 to 1000000, like 20000");

    /// <summary>How long after the round's start a connection is meant to open, in microseconds.</summary>
    internal long MeantUs(int index, int count) =>
        Time is { } time ? (long)(time.TotalMicroseconds * index / count)
        : PerSecond is { } rate ? (long)(index * 1_000_000.0 / rate)
        : 0;
}
