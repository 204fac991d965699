using System.Diagnostics;
using Rcomm.Burst.Engine;
using Rcomm.Burst.Results;

namespace Rcomm.Burst;

/// <summary>Runs a burst.</summary>
public static class BurstGenerator
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    // A timer may be late by a kernel tick; the workers wait for the remaining time themselves.
    private static readonly TimeSpan StartMargin = TimeSpan.FromMilliseconds(50);

    /// <summary>Opens the connections of the plan and follows each until it ends. Linux only.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Called about ten times a second.</param>
    /// <param name="cancellation">
    /// Stops the run within 0.1 s. The result then contains what was known so far; see <see cref="BurstResult.Interrupted"/>.
    /// </param>
    /// <exception cref="BurstException">The plan is out of range, or this machine can't run it: too few open files, no ports left, no route.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped before <see cref="BurstPlan.StartAt"/>.</exception>
    public static Task<BurstResult> RunAsync(BurstPlan plan, IProgress<BurstProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Validate();
        if (!OperatingSystem.IsLinux()) throw new BurstException(BurstFailure.System, "a burst needs Linux (epoll, TCP_INFO)");
        // With other schedules, connections end while others open, and the server determines how many are open at the same time.
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
                // With a start time, the first round begins when the clock starts.
                round.Run(number == 1 && plan.StartAt is not null ? 0 : null, state => progress?.Report(state), ProgressInterval);
                records.AddRange(round.Records());
                loads.Add(round.Load);
            }
            round = null;
        }
        double durationMs = run.Clock.Now / 1000.0;
        // A stop after the last connection has ended leaves the result complete.
        bool interrupted = records.Count < plan.Connections * plan.Rounds || records.Exists(record => record.Outcome == ConnectionOutcome.Unfinished);
        return new(startedAt, durationMs, interrupted, BurstParameters.Of(plan, run.SourceCount),
            Summary.Of(records) with { Generator = GeneratorLoad.Sum(loads) }, records)
        {
            StartTimestamp = start,
        };
    }

    /// <summary>
    /// Waits until shortly before the start time and returns its timestamp, which is then in the future. Without a start time, returns the current
    /// timestamp.
    /// </summary>
    private static long WaitForStart(DateTimeOffset? startAt, CancellationToken cancellation)
    {
        if (startAt is not { } instant) return Stopwatch.GetTimestamp();
        TimeSpan left = instant - DateTimeOffset.UtcNow;
        if (left > StartMargin) cancellation.WaitHandle.WaitOne(left - StartMargin);
        cancellation.ThrowIfCancellationRequested();
        return TimestampOf(instant);
    }

    // The two clocks are read one after the other. The most accurate of several attempts is the one with the least time between the readings.
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
