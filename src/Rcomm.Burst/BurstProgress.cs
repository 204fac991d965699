namespace Rcomm.Burst;

/// <summary>How far a run is.</summary>
/// <param name="Round">The round that runs, from 1.</param>
/// <param name="Opened">Connections opened, of all rounds.</param>
/// <param name="Finished">Connections that have come to their end, of all rounds.</param>
public readonly record struct BurstProgress(int Round, int Opened, int Finished);
