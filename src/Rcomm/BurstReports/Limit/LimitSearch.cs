using Rcomm.Burst;
using Rcomm.BurstReports.Options;

namespace Rcomm.BurstReports.Limit;

/// <summary>The goal of a search.</summary>
/// <param name="First">The number of connections in the first burst.</param>
/// <param name="Level">The service level that a burst must meet, besides losing no connection; null for none.</param>
internal sealed record LimitGoal(int First, ServiceLevel? Level);

/// <summary>The result of a search.</summary>
/// <param name="Held">The largest burst that held; null if not even the first did.</param>
/// <param name="Failed">The smallest that did not hold; null if the search ended before one failed.</param>
/// <param name="Trials">All bursts, in the order in which they were opened.</param>
/// <param name="Stopped">Why the search ended before a burst failed; null if one did.</param>
internal sealed record LimitResult(LimitTrial? Held, LimitTrial? Failed, IReadOnlyList<LimitTrial> Trials, string? Stopped);

/// <summary>Doubles the burst until one doesn't hold, then bisects until the two are close.</summary>
internal sealed class LimitSearch(int first, Func<int, Task<LimitTrial>> tryBurst)
{
    private const int MaxTrials = 40;

    // A smaller difference between two bursts makes no difference to a server.
    private const double Close = 0.05;

    private readonly List<LimitTrial> _trials = [];
    private LimitTrial? _held;
    private LimitTrial? _failed;

    public async Task<LimitResult> RunAsync()
    {
        string? stopped = null;
        try
        {
            while (_trials.Count < MaxTrials && Next() is { } connections) await TryAsync(connections);
        }
        catch (BurstException e) when (e.Failure is BurstFailure.FileLimit or BurstFailure.PortsExhausted && _held is not null)
        {
            stopped = e.Message;
        }
        if (_failed is null) stopped ??= $"a burst has at most {HumanFormat.Number(BurstPlan.MaxConnections)} connections";
        return new(_held, _failed, _trials, _failed is null ? stopped : null);
    }

    private int? Next()
    {
        if (_failed is null)
            return _held is null ? first : _held.Connections >= BurstPlan.MaxConnections ? null : Math.Min(_held.Connections * 2, BurstPlan.MaxConnections);
        int low = _held?.Connections ?? 0, high = _failed.Connections;
        return high - low <= Math.Max(1, low * Close) ? null : low + (high - low) / 2;
    }

    // A burst that doesn't hold is repeated once: one late packet isn't a limit.
    private async Task TryAsync(int connections)
    {
        for (int attempt = 1; attempt <= 2; attempt++)
        {
            LimitTrial trial = await tryBurst(connections);
            _trials.Add(trial);
            if (trial.Held) _held = trial;
            else if (attempt == 2) _failed = trial;
            if (trial.Held || trial.Report.Burst.Interrupted) return;
        }
    }
}
