using System.Diagnostics;
using Rcomm.Burst.Engine;
using Rcomm.Burst.Results;

namespace Rcomm.Burst;

/// <summary>Runs a burst.</summary>
public static class BurstGenerator
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Opens the connections of the plan and follows each to its end. Linux only.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="progress">Told about ten times a second how far the run is.</param>
    /// <param name="cancellation">Stops the run within 0.1 s; the result then holds what was known, <see cref="BurstResult.Interrupted"/>.</param>
    /// <exception cref="BurstException">The plan is out of its bounds, or this machine cannot do it: too few open files, no ports left, no way there.</exception>
    public static Task<BurstResult> RunAsync(BurstPlan plan, IProgress<BurstProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Validate();
        if (!OperatingSystem.IsLinux()) throw new BurstException(BurstFailure.System, "a burst needs Linux (epoll, TCP_INFO)");
        // At a rate, connections end while others are opened, and how many are open together depends on the server.
        if (plan.Schedule.PerSecond is null) FileLimit.Ensure(plan.Connections);

        return Task.Factory.StartNew(() => Run(plan, progress, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static BurstResult Run(BurstPlan plan, IProgress<BurstProgress>? progress, CancellationToken cancellation)
    {
        WarmUp.Run();
        DateTimeOffset startedAt = DateTimeOffset.UtcNow;
        long start = Stopwatch.GetTimestamp();
        var context = new RunContext(plan, new Clock(start));
        using CancellationTokenRegistration stop = cancellation.Register(context.Stop);

        List<ConnectionRecord> records = new(plan.Connections * plan.Rounds);
        for (int number = 1; number <= plan.Rounds && (number == 1 || !context.Stopped); number++)
        {
            using var round = new Round(context, number);
            round.Run(state => progress?.Report(state), ProgressEvery);
            records.AddRange(round.Records());
        }
        double durationMs = context.Clock.Now / 1000.0;
        // A stop that came after the last connection's end took nothing away.
        bool interrupted = records.Count < plan.Connections * plan.Rounds || records.Exists(record => record.Outcome == ConnectionOutcome.Unfinished);
        return new(startedAt, durationMs, interrupted, ParametersOf(plan, context), Summary.Of(records), records) { StartTimestamp = start };
    }

    private static BurstParameters ParametersOf(BurstPlan plan, RunContext context) => new(
        plan.Target.Url,
        plan.Target.Address,
        plan.Connections,
        plan.Rounds,
        plan.Schedule.Time is not null ? "ramp" : plan.Schedule.PerSecond is not null ? "rate" : "atOnce",
        plan.Schedule.Time?.TotalMilliseconds,
        plan.Schedule.PerSecond,
        plan.Timeout.TotalMilliseconds,
        plan.Hold.TotalMilliseconds,
        plan.ConnectOnly,
        context.SourceCount,
        plan.Threads);
}
