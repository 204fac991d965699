using Rcomm.Burst;
using Rcomm.Burst.Results;
using Rcomm.BurstReports.Limit;
using Rcomm.Shared.Linux;

namespace Rcomm.BurstReports;

/// <summary>Runs a burst while it samples the target's listen queue.</summary>
internal static class BurstMeasurement
{
    // The remains of one burst must not affect the next.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <exception cref="BurstException">This machine refused a call.</exception>
    public static Task<BurstReport> RunAsync(BurstPlan plan, CancellationToken stop) =>
        ProgressLine.ShowAsync(plan, progress => RunAsync(plan, progress, stop));

    /// <summary>Opens larger and larger bursts.</summary>
    /// <exception cref="BurstException">This machine refused a call.</exception>
    public static Task<LimitResult> FindLimitAsync(BurstPlan plan, LimitGoal goal, Action<LimitTrial> onTrial, CancellationToken stop) =>
        new LimitSearch(goal.First, async connections =>
        {
            await Task.Delay(Pause, stop);
            MachineTimes? before = MachineTimes.Read();
            BurstReport report = await RunAsync(plan with { Connections = connections }, null, stop);
            double? busy = before is { } earlier && MachineTimes.Read() is { } later ? later.BusyShareSince(earlier) : null;
            stop.ThrowIfCancellationRequested();
            var trial = LimitTrial.Of(report, goal.Level, busy);
            onTrial(trial);
            return trial;
        }).RunAsync();

    private static async Task<BurstReport> RunAsync(BurstPlan plan, IProgress<BurstProgress>? progress, CancellationToken stop)
    {
        using TargetQueueSampler sampler = TargetQueueSampler.Start(plan.Target);
        BurstResult result = await BurstGenerator.RunAsync(plan, progress, stop);
        return new(BurstReport.CurrentFormat, ProgramVersion.Text, BurstHost.Here(), result, sampler.Stop(result.StartTimestamp));
    }
}
