namespace Rcomm.Burst.Results;

/// <summary>What the generator itself took, summed over its threads: from the first connection to the last outcome.</summary>
/// <param name="ActiveMs">How long the threads were at work, waits for the server included.</param>
/// <param name="RunMs">How long they ran on a core.</param>
/// <param name="CoreWaitMs">How long they were ready to run and waited for a core, because others had them all.</param>
public sealed record GeneratorLoad(double ActiveMs, double RunMs, double CoreWaitMs)
{
    /// <summary>Nothing.</summary>
    public static GeneratorLoad None { get; } = new(0, 0, 0);

    /// <summary>The share of the time in which the threads ran, from 0 to 1.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double RunShare => ActiveMs > 0 ? Math.Min(1, RunMs / ActiveMs) : 0;

    /// <summary>The share of the time in which the threads waited for a core, from 0 to 1.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double CoreWaitShare => ActiveMs > 0 ? Math.Min(1, CoreWaitMs / ActiveMs) : 0;

    /// <summary>The sum of several.</summary>
    public static GeneratorLoad Sum(IEnumerable<GeneratorLoad> loads)
    {
        ArgumentNullException.ThrowIfNull(loads);
        return loads.Aggregate(None, (sum, load) => new(sum.ActiveMs + load.ActiveMs, sum.RunMs + load.RunMs, sum.CoreWaitMs + load.CoreWaitMs));
    }
}
