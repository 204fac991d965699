namespace Rcomm.Kestrel;

/// <summary>What an operator writes before <c>=</c> to follow the advice in the log.</summary>
/// <param name="Backlog">Sets the backlog.</param>
/// <param name="Shards">Sets how many listening sockets an address has.</param>
/// <param name="MaxConnections">Sets how many connections may be open.</param>
/// <param name="Accept">Sets how they are accepted; null where the log is not to advise it.</param>
public sealed record QueueSettingNames(string Backlog, string Shards, string MaxConnections, string? Accept = null);
