namespace Rcomm.Burst;

/// <summary>The progress of a run.</summary>
/// <param name="Round">The current round, from 1.</param>
/// <param name="Opened">Connections opened in all rounds.</param>
/// <param name="Finished">Connections that have ended in all rounds.</param>
public readonly record struct BurstProgress(int Round, int Opened, int Finished);
