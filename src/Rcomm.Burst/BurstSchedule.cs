using System.Globalization;

namespace Rcomm.Burst;

/// <summary>Specifies when each connection should open. The schedule is kept whatever the server does, and latencies count from it.</summary>
public sealed record BurstSchedule
{
    /// <summary>The maximum time over which a round opens its connections.</summary>
    public static readonly TimeSpan MaxRound = TimeSpan.FromMinutes(10);

    // At a rate, this many are opened before events are handled.
    private const int OpenBatchAtARate = 64;
    private const double MinRate = 0.1;
    private const double MaxRate = 1_000_000;
    private const string StepsExample = "Write steps as 1000,2000,4000 (each for 1 s) or 1000,2000,4000/5s.";
    private const string TrainExample = "Write a train as 10x3000/200ms: 10 bursts of 3,000, one every 200 ms.";

    // For steps: the index of the first connection of each, and one past the last.
    private readonly int[] _firsts = [];

    private BurstSchedule()
    {
    }

    /// <summary>Gets the schedule that opens all connections in the same instant.</summary>
    public static BurstSchedule AtOnce { get; } = new();

    /// <summary>Gets the time over which the connections are spread evenly; null for another schedule.</summary>
    public TimeSpan? Time { get; private init; }

    /// <summary>Gets the connections opened each second; null for another schedule.</summary>
    public double? PerSecond { get; private init; }

    /// <summary>Gets the rates of the steps, in connections per second; null for another schedule.</summary>
    public IReadOnlyList<double>? StepRates { get; private init; }

    /// <summary>Gets the number of bursts in a train; null for another schedule.</summary>
    public int? TrainBursts { get; private init; }

    /// <summary>Gets how long each step lasts, or the time between bursts of a train; zero for another schedule.</summary>
    public TimeSpan Interval { get; private init; }

    /// <summary>Gets the number of connections in a round if the schedule determines it (steps and trains); null if the plan does.</summary>
    public int? Connections { get; private init; }

    /// <summary>Creates a schedule that spreads connections evenly over a time: the first at its start, the last just before its end.</summary>
    /// <exception cref="BurstException">The time isn't above zero and at most <see cref="MaxRound"/>.</exception>
    public static BurstSchedule Ramp(TimeSpan time) => time > TimeSpan.Zero && time <= MaxRound
        ? new() { Time = time }
        : throw Bad("a ramp needs a time above zero and at most 10 minutes, e.g. 200ms");

    /// <summary>Creates a schedule with a constant rate.</summary>
    /// <exception cref="BurstException">The rate isn't from 0.1 to 1,000,000.</exception>
    public static BurstSchedule Rate(double perSecond) => perSecond is >= MinRate and <= MaxRate
        ? new() { PerSecond = perSecond }
        : throw Bad("a rate is a number of connections each second from 0.1 to 1000000, e.g. 20000");

    /// <summary>Creates a schedule with one rate after the other.</summary>
    /// <param name="rates">Connections per second.</param>
    /// <param name="each">How long each rate lasts.</param>
    /// <exception cref="BurstException">A rate or the time is out of range, or there are too many connections.</exception>
    public static BurstSchedule Steps(IReadOnlyList<double> rates, TimeSpan each)
    {
        ArgumentNullException.ThrowIfNull(rates);
        if (rates.Count == 0 || rates.Any(rate => rate is not (>= MinRate and <= MaxRate)))
            throw Bad($"each step is a number of connections each second from 0.1 to 1000000. {StepsExample}");
        if (each <= TimeSpan.Zero || each * rates.Count > MaxRound)
            throw Bad($"all steps together need a time above zero and at most 10 minutes. {StepsExample}");
        int[] firsts = new int[rates.Count + 1];
        for (int step = 0; step < rates.Count; step++)
        {
            double connections = Math.Max(1, Math.Round(rates[step] * each.TotalSeconds));
            if (firsts[step] + connections > BurstPlan.MaxConnections)
                throw Bad(string.Create(CultureInfo.InvariantCulture,
                    $"these steps would open more than {BurstPlan.MaxConnections:N0} connections; lower the rates or shorten the time. {StepsExample}"));
            firsts[step + 1] = firsts[step] + (int)connections;
        }
        return new(firsts) { StepRates = [.. rates], Interval = each, Connections = firsts[^1] };
    }

    /// <summary>Creates a schedule of several bursts.</summary>
    /// <param name="bursts">The number of bursts.</param>
    /// <param name="size">Connections in each, opened in the same instant.</param>
    /// <param name="interval">The time between bursts.</param>
    /// <exception cref="BurstException">A number or the time is out of range.</exception>
    public static BurstSchedule Train(int bursts, int size, TimeSpan interval)
    {
        if (bursts < 1 || size < 1 || (long)bursts * size > BurstPlan.MaxTotalConnections)
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"a train has from 1 to {BurstPlan.MaxTotalConnections:N0} connections. {TrainExample}"));
        if (interval <= TimeSpan.Zero || interval * bursts > MaxRound) throw Bad($"a train needs a time above zero and at most 10 minutes. {TrainExample}");
        return new() { TrainBursts = bursts, Interval = interval, Connections = bursts * size };
    }

    /// <summary>Returns the step or burst that a connection belongs to, from 1; null for another schedule.</summary>
    internal int? PartOf(int index)
    {
        if (TrainBursts is { } bursts) return index / (Connections!.Value / bursts) + 1;
        return StepRates is null ? null : StepOf(index) + 1;
    }

    /// <summary>How many connections are opened before events of open ones are handled; a burst is opened completely.</summary>
    internal int OpenBatch => TrainBursts is { } bursts ? Connections!.Value / bursts : this == AtOnce ? int.MaxValue : OpenBatchAtARate;

    /// <summary>Returns how long after the round's start a connection should open, in microseconds.</summary>
    internal long MeantUs(int index, int count)
    {
        if (Time is { } time) return (long)(time.TotalMicroseconds * index / count);
        if (PerSecond is { } rate) return (long)(index * 1_000_000.0 / rate);
        if (TrainBursts is not null) return (long)((PartOf(index)!.Value - 1) * Interval.TotalMicroseconds);
        if (StepRates is null) return 0;
        int step = StepOf(index);
        return (long)(step * Interval.TotalMicroseconds + (index - _firsts[step]) * 1_000_000.0 / StepRates[step]);
    }

    private BurstSchedule(int[] firsts) => _firsts = firsts;

    private int StepOf(int index) => Math.Min(Array.FindLastIndex(_firsts, first => first <= index), StepRates!.Count - 1);

    private static BurstException Bad(string message) => new(BurstFailure.BadPlan, message);
}
