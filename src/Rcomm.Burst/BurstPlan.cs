namespace Rcomm.Burst;

/// <summary>What a burst is to do.</summary>
public sealed record BurstPlan
{
    /// <summary>The most connections one round may open.</summary>
    public const int MostConnections = 100_000;

    /// <summary>The most threads where none are asked for: more than the kernel opens faster for.</summary>
    public const int UsualThreads = 4;

    /// <summary>The most rounds.</summary>
    public const int MostRounds = 100;

    /// <summary>The most connections of all rounds together; each leaves a record of about 100 bytes.</summary>
    public const int MostInAll = 1_000_000;

    /// <summary>The longest a run may take, were every connection to use all of its time.</summary>
    public static readonly TimeSpan LongestRun = TimeSpan.FromHours(1);

    /// <summary>The longest <see cref="Timeout"/> and the longest <see cref="Hold"/>.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>Whom to connect to.</summary>
    public required BurstTarget Target { get; init; }

    /// <summary>Connections in each round, 1 to <see cref="MostConnections"/>; 1,000 when not set.</summary>
    public int Connections { get; init; } = 1000;

    /// <summary>When they are opened; at once when not set.</summary>
    public BurstSchedule Schedule { get; init; } = BurstSchedule.AtOnce;

    /// <summary>How often the whole is done, one round after the other, 1 to <see cref="MostRounds"/>.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>How long each connection has from its opening to the end of its answer, above 0 and at most <see cref="LongestWait"/>; 10 s when not set.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long each connection is kept open after its answer (or its handshake, with <see cref="ConnectOnly"/>); at most <see cref="LongestWait"/>.</summary>
    public TimeSpan Hold { get; init; }

    /// <summary>Sends no request: a connection is done when its handshake has ended.</summary>
    public bool ConnectOnly { get; init; }

    /// <summary>Addresses to connect from, in turns; empty to let the system choose. See <see cref="SourceAddresses"/>.</summary>
    public SourceAddresses Sources { get; init; } = SourceAddresses.Default;

    /// <summary>Threads that open and watch the connections, each its share; from 1 to the cores. When not set, the cores, at most <see cref="UsualThreads"/>.</summary>
    public int Threads { get; init; } = Math.Min(UsualThreads, Environment.ProcessorCount);

    /// <summary>Holds the plan against its bounds.</summary>
    /// <exception cref="BurstException">A number is out of its bounds; the message names it and the bounds.</exception>
    public void Validate()
    {
        Check(Connections is >= 1 and <= MostConnections, "the number of connections is from 1 to 100000");
        Check(Rounds is >= 1 and <= MostRounds, "the number of rounds is from 1 to 100");
        Check((long)Connections * Rounds <= MostInAll, "all rounds together may open at most 1000000 connections");
        Check(Timeout > TimeSpan.Zero && Timeout <= LongestWait, "the timeout is above zero and at most 10 minutes, like 10s");
        Check(Hold >= TimeSpan.Zero && Hold <= LongestWait, "connections can be held for at most 10 minutes, like 5s");
        Check(Threads >= 1 && Threads <= Environment.ProcessorCount, $"the number of threads is from 1 to {Environment.ProcessorCount}, the cores of this machine");

        var opening = TimeSpan.FromMicroseconds(Schedule.MeantUs(Connections, Connections));
        Check(opening <= BurstSchedule.LongestRound, $"at this rate a round would take {opening.TotalMinutes:F0} minutes to open; at most 10 are allowed: raise the rate or ask for fewer connections");
        Check((opening + Timeout + Hold) * Rounds <= LongestRun, "the run could take more than an hour; ask for fewer rounds, a shorter timeout or a shorter hold");
        Sources.CheckAgainst(Target);
    }

    private static void Check(bool holds, string message)
    {
        if (!holds) throw new BurstException(BurstFailure.BadPlan, message);
    }
}
