namespace Rcomm.Burst.Results;

/// <summary>The load of the generator itself, summed over its threads: from the first connection to the last outcome.</summary>
/// <param name="ActiveMs">How long the threads were active, including waits for the server.</param>
/// <param name="RunMs">How long they ran on a core.</param>
/// <param name="CoreWaitMs">How long they were ready to run but waited for a core.</param>
public sealed record GeneratorLoad(double ActiveMs, double RunMs, double CoreWaitMs)
{
    /// <summary>Gets a load of zero.</summary>
    public static GeneratorLoad None { get; } = new(0, 0, 0);

    /// <summary>Gets the share of the time in which the threads ran, from 0 to 1.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double RunShare => ActiveMs > 0 ? Math.Min(1, RunMs / ActiveMs) : 0;

    /// <summary>Gets the share of the time in which the threads waited for a core, from 0 to 1.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double CoreWaitShare => ActiveMs > 0 ? Math.Min(1, CoreWaitMs / ActiveMs) : 0;

    /// <summary>Returns the sum of several loads.</summary>
    public static GeneratorLoad Sum(IEnumerable<GeneratorLoad> loads)
    {
        ArgumentNullException.ThrowIfNull(loads);
        return loads.Aggregate(None, (sum, load) => new(sum.ActiveMs + load.ActiveMs, sum.RunMs + load.RunMs, sum.CoreWaitMs + load.CoreWaitMs));
    }
}
