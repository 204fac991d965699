using System.Diagnostics;
using Rcomm.Burst.Engine;
using Rcomm.Burst.Results;

namespace Rcomm.Burst;

/// <summary>Runs a burst.</summary>
public static class BurstGenerator
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    // A timer may be late by a tick of the kernel; the rest is waited for by the workers themselves.
    private static readonly TimeSpan StartMargin = TimeSpan.FromMilliseconds(50);

    /// <summary>Opens the connections of the plan and follows each to its end. Linux only.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="progress">Called about ten times a second.</param>
    /// <param name="cancellation">Stops the run within 0.1 s; the result then holds what was known, <see cref="BurstResult.Interrupted"/>.</param>
    /// <exception cref="BurstException">The plan is out of its bounds, or this machine cannot do it: too few open files, no ports left, no route.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped before <see cref="BurstPlan.StartAt"/>.</exception>
    public static Task<BurstResult> RunAsync(BurstPlan plan, IProgress<BurstProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Validate();
        if (!OperatingSystem.IsLinux()) throw new BurstException(BurstFailure.System, "a burst needs Linux (epoll, TCP_INFO)");
        // With another schedule, connections end while others are opened, and how many are open together depends on the server.
        if (plan.Schedule == BurstSchedule.AtOnce || plan.Schedule.Time is not null) FileLimit.Ensure(plan.Connections);

        return Task.Factory.StartNew(() => Run(plan, progress, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static BurstResult Run(BurstPlan plan, IProgress<BurstProgress>? progress, CancellationToken cancellation)
    {
        WarmUp.Run(plan);
        var run = new BurstRun(plan);
        using CancellationTokenRegistration stop = cancellation.Register(run.Stop);
        Round? round = new(run, 1);
        long start = WaitForStart(plan.StartAt, cancellation);
        DateTimeOffset startedAt = plan.StartAt ?? DateTimeOffset.UtcNow - Stopwatch.GetElapsedTime(start);
        run.Clock = new Clock(start);

        List<ConnectionRecord> records = new(plan.Connections * plan.Rounds);
        List<GeneratorLoad> loads = [];
        for (int number = 1; number <= plan.Rounds && (number == 1 || !run.IsStopped); number++)
        {
            using (round ??= new Round(run, number))
            {
                // The first round begins at the start of the clock where an instant was asked for.
                round.Run(number == 1 && plan.StartAt is not null ? 0 : null, state => progress?.Report(state), ProgressInterval);
                records.AddRange(round.Records());
                loads.Add(round.Load);
            }
            round = null;
        }
        double durationMs = run.Clock.Now / 1000.0;
        // A stop that came after the last connection's end took nothing away.
        bool interrupted = records.Count < plan.Connections * plan.Rounds || records.Exists(record => record.Outcome == ConnectionOutcome.Unfinished);
        return new(startedAt, durationMs, interrupted, BurstParameters.Of(plan, run.SourceCount),
            Summary.Of(records) with { Generator = GeneratorLoad.Sum(loads) }, records)
        {
            StartTimestamp = start,
        };
    }

    /// <summary>Waits until shortly before the instant. Returns its timestamp, which lies in the future then; without an instant, that of now.</summary>
    private static long WaitForStart(DateTimeOffset? startAt, CancellationToken cancellation)
    {
        if (startAt is not { } instant) return Stopwatch.GetTimestamp();
        TimeSpan left = instant - DateTimeOffset.UtcNow;
        if (left > StartMargin) cancellation.WaitHandle.WaitOne(left - StartMargin);
        cancellation.ThrowIfCancellationRequested();
        return TimestampOf(instant);
    }

    // Two clocks are read one after the other; of a few tries, the one with the least time between them is right.
    private static long TimestampOf(DateTimeOffset instant)
    {
        const int Tries = 5;
        return Enumerable.Range(0, Tries).Select(_ =>
        {
            long before = Stopwatch.GetTimestamp();
            TimeSpan left = instant - DateTimeOffset.UtcNow;
            return (Timestamp: before + (long)(left.TotalSeconds * Stopwatch.Frequency), Between: Stopwatch.GetTimestamp() - before);
        }).MinBy(attempt => attempt.Between).Timestamp;
    }
}
