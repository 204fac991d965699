using Rcomm.Burst.Results;

namespace Rcomm.Burst.Tests;

/// <summary>Shortcuts for bursts, and assertions that every result must satisfy.</summary>
internal static class Bursts
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Runs a plan against a server; the plan's target is replaced.</summary>
    public static async Task<BurstResult> RunAsync(
        string url, int connections, Func<BurstPlan, BurstPlan>? change = null, IProgress<BurstProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var plan = new BurstPlan { Target = await BurstTarget.ResolveAsync(url, cancellation), Connections = connections, Timeout = WaitTimeout };
        BurstResult result = await BurstGenerator.RunAsync(change?.Invoke(plan) ?? plan, progress, cancellation);
        Assert.Equal(result.Connections.Count, result.Summary.Outcomes.Sum(outcome => outcome.Count));
        Assert.All(result.Connections, HappenedInOrder);
        return result;
    }

    /// <summary>Runs with a time, doubled until it was long enough for a busy machine.</summary>
    public static async Task<BurstResult> UntilLongEnoughAsync(TimeSpan first, Func<TimeSpan, Task<BurstResult>> run, Func<BurstResult, bool> wasLongEnough)
    {
        BurstResult result;
        TimeSpan time = first;
        do
        {
            result = await run(time);
            time *= 2;
        }
        while (!wasLongEnough(result) && time < WaitTimeout);
        return result;
    }

    /// <summary>Asserts that every connection had this outcome.</summary>
    public static void AllWere(this BurstResult result, ConnectionOutcome outcome) =>
        Assert.Equal([new OutcomeCount(outcome, result.Parameters.Connections * result.Parameters.Rounds)], result.Summary.Outcomes);

    private static void HappenedInOrder(ConnectionRecord record)
    {
        long[] instants = [.. new[] { record.MeantUs, record.OpenedUs, record.ConnectedUs, record.FirstByteUs, record.EndedUs }.OfType<long>()];
        Assert.Equal(instants.Order(), instants);
    }

    /// <summary>Reports progress on the burst's own thread.</summary>
    public sealed class Follow(Action<BurstProgress> see) : IProgress<BurstProgress>
    {
        public void Report(BurstProgress value) => see(value);
    }
}
